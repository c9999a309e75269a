import type { Sight } from "../files/sight.js";

/** A format that is known by sight but not read. */
interface UnreadFormat {
  /** What it is and what to do about it. */
  readonly what: string;
  /** Of names, from the set's folder on. */
  readonly files: RegExp;
  /** How such a file begins, where the name doesn't tell. */
  readonly begins?: RegExp;
}

const json = /\.json$/i;

const unreadFormats: readonly UnreadFormat[] = [
  {
    what: "TFRecord files, which are not read; export COCO from the tool that made them",
    files: /\.tfrecords?(-\d|$)/i,
  },
  {
    what: "a Hugging Face data set in Parquet or Arrow, which is not read; write its images and masks as COCO first",
    files: /\.(parquet|arrow)$/i,
  },
  {
    what: "an LMDB database, which is not read; unpack it to images and masks first",
    files: /(^|\/)data\.mdb$/,
  },
  {
    what: "an HDF5 file, which is not read; write its images and masks as files first",
    files: /\.(h5|hdf5)$/i,
  },
  { what: "MATLAB files, which are not read; write the masks as PNGs or COCO first", files: /\.mat$/i },
  {
    what: "NumPy files, which are not read as a data set; write the masks as PNGs first",
    files: /\.np[yz]$/i,
  },
  {
    what: "NIfTI or NRRD volumes, which are not read; write their slices as images and PNGs first",
    files: /\.(nii(\.gz)?|nrrd|mha)$/i,
  },
  {
    what: "DICOM files, which are not read; write their slices as images and PNGs first",
    files: /\.dcm$|(^|\/)DICOMDIR$/i,
  },
  { what: "an archive; unpack it first", files: /\.(zip|tar\.gz|tgz|7z|rar)$/i },
  { what: "a project of VoTT; export COCO or VOC from it", files: /\.vott$/i },
  {
    what: "annotations of ISAT, which are not read; convert them to COCO in ISAT",
    files: json,
    begins: /"description"\s*:\s*"ISAT"/,
  },
  {
    what: "annotations of Create ML, which are not read; export COCO from the tool that made them",
    files: json,
    begins: /^\s*\[\s*\{[\s\S]{0,400}"coordinates"\s*:\s*\{/,
  },
  {
    what: "annotations of BDD100K or Scalabel, which are not read; convert them to COCO with their own tools",
    files: json,
    begins: /"(poly2d|box2d)"\s*:/,
  },
  {
    what: "annotations of Darwin (V7), which are not read; export COCO from it",
    files: json,
    begins: /"schema_ref"\s*:\s*"[^"]*darwin/i,
  },
  {
    what: "GeoJSON, which is not read; write its polygons in pixels as COCO first",
    files: /\.(geo)?json$/i,
    begins: /"type"\s*:\s*"Feature(Collection)?"/,
  },
  {
    what: "an export of Labelbox (a JSON object a line), which is not read; convert it to COCO first",
    files: /\.ndjson$|\.jsonl?$/i,
    begins: /"data_row"\s*:/,
  },
  {
    what: "boxes of tracks (MOT Challenge), which are not read; export COCO from the tool that made them",
    files: /(^|\/)gt\/gt\.txt$/i,
  },
  {
    what: "ADE20K with its parts (_seg.png, _atr.txt), which is not read; write its classes as numbers in PNGs first",
    files: /_atr\.txt$/i,
  },
  {
    what: "a table of TensorFlow (a box a row), which is not read; export COCO or VOC from the tool that made it",
    files: /\.csv$/i,
    begins: /^\uFEFF?"?filename"?,"?width"?,"?height"?,"?class"?,"?xmin/i,
  },
];

/** How many files of a format are looked into. */
const triedFiles = 5;

/** What is seen, where it is a format that is not read. */
export async function unreadFormatOf(sight: Sight): Promise<string | undefined> {
  const names = sight.isFile ? [sight.path.replaceAll("\\", "/")] : sight.files;
  for (const { what, files, begins } of unreadFormats) {
    const fitting = names.filter((name) => files.test(name));
    if (!begins && fitting.length > 0) return what;
    for (const name of begins ? fitting.slice(0, triedFiles) : [])
      if (begins!.test(await sight.head(sight.isFile ? undefined : name))) return what;
  }
  return undefined;
}
