import type { Sight } from "../files/sight.js";

/** A format that is known by sight but not read. */
interface UnreadFormat {
  /** What it is and what to do about it. */
  readonly what: string;
  readonly files: RegExp;
}

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
  { what: "MATLAB files, which are not read; write the masks as PNGs or COCO first", files: /\.mat$/i },
  {
    what: "NIfTI or NRRD volumes, which are not read; write their slices as images and PNGs first",
    files: /\.(nii(\.gz)?|nrrd|mha)$/i,
  },
  { what: "a zip file; unpack it first", files: /\.(zip|tar\.gz|tgz|7z|rar)$/i },
  { what: "a project of VoTT; export COCO or VOC from it", files: /\.vott$/i },
];

/** What is seen, where it is a format that is not read. */
export function unreadFormatOf(sight: Sight): string | undefined {
  const names = sight.isFile ? [sight.path] : sight.files;
  return unreadFormats.find(({ files }) => names.some((name) => files.test(name)))?.what;
}
