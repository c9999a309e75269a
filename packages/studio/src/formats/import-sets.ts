/** Masks from files of YOLO, LabelMe, Pascal VOC, CVAT and Label Studio. */

import { beginsLikeLabelStudio, DatasetError } from "@segany/dataset/formats";
import type { FileSet, FileSetOptions, SetFiles } from "@segany/dataset/readers";
import { StudioError } from "../errors.js";
import { createImportProblems } from "./import-problems.js";
import type { MaskFile } from "./imported-file.js";
import { checkPacked } from "./unpack-files.js";

/** Files of one format, which are read together. */
export interface MaskSet {
  readonly format: "cvat" | "labelme" | "labelstudio" | "voc" | "yolo";
  readonly files: SetFiles;
}

/** What of a file tells its format. */
const HEAD_BYTES = 4096;

/** Files that belong to a format by their name alone, where there are others of it. */
const COMPANIONS: readonly (readonly [MaskSet["format"], RegExp])[] = [
  ["labelme", /(^|\/)labels\.txt$/i],
  ["voc", /(^|\/)(labelmap\.txt|class_names\.txt|ImageSets\/.*)$/i],
  ["voc", /(^|\/)Segmentation(Class|Object)\/[^/]*\.png$/i],
];

/** What tools put beside their files of masks, about these. */
const NOTES = /(^|\/)notes\.json$/i;

/** Sorts files by format. @returns the sets, and JSON of SA-1B or COCO, which is not of these */
export function sortFiles(files: SetFiles): {
  readonly sets: readonly MaskSet[];
  readonly others: readonly (readonly [path: string, bytes: Uint8Array])[];
} {
  const own = new Map<MaskSet["format"], Map<string, Uint8Array>>();
  const others: (readonly [string, Uint8Array])[] = [];
  const put = (format: MaskSet["format"], [path, bytes]: readonly [string, Uint8Array]) =>
    own.set(format, (own.get(format) ?? new Map()).set(path, bytes));
  const rest = [...files].filter((entry) => {
    if (NOTES.test(entry[0])) return false;
    const format = formatOf(...entry);
    if (format === null && /\.json$/i.test(entry[0])) others.push(entry);
    else if (format) put(format, entry);
    else return true;
    return false;
  });
  for (const entry of rest) {
    const [path] = entry;
    const format = COMPANIONS.find(
      ([of, names]) => names.test(path) && (own.has(of) || /\.png$/i.test(path)),
    );
    put(format?.[0] ?? "yolo", entry);
  }
  const sets = [...own].map(([format, found]): MaskSet => ({ format, files: found }));
  // Texts that are neither labels nor lists of classes come with sets, and are none.
  return { sets: sets.filter((set) => set.format !== "yolo" || [...set.files].some(isOfYolo)), others };
}

function formatOf(path: string, bytes: Uint8Array): MaskSet["format"] | null {
  const head = () => new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES));
  if (/\.xml$/i.test(path)) return /<annotations[\s>]/.test(head()) ? "cvat" : "voc";
  if (!/\.json$/i.test(path)) return null;
  if (beginsLikeLabelStudio(head())) return "labelstudio";
  return /"shapes"\s*:\s*\[/.test(head()) ? "labelme" : null;
}

function isOfYolo([path, bytes]: readonly [string, Uint8Array]): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES));
  return /\.ya?ml$/i.test(path) || /^\s*\d+(\s+[\d.eE+-]+){4,}/.test(head);
}

/**
 * Reads a set. A record that can't be used is left out, and said.
 *
 * @param findImage an image of the gallery, by its name or the name without its extension
 * @throws StudioError `masks-invalid` where there is nothing that can be used
 */
export async function importSet(
  { format, files }: MaskSet,
  findImage: FileSetOptions["findImage"],
): Promise<MaskFile> {
  const readers = await import("@segany/dataset/readers");
  const pngs = readers.createMaskPngDecoder(checkPacked);
  const problems = createImportProblems();
  const read: Readonly<Record<MaskSet["format"], (options: FileSetOptions) => FileSet>> = {
    cvat: (options) => readers.readCvatFiles(files, options),
    labelme: (options) => readers.readLabelmeFiles(files, { ...options, decodePng: pngs.decodeLabels }),
    labelstudio: (options) => readers.readLabelStudioFiles(files, options),
    voc: (options) => readers.readVocFiles(files, { ...options, decodePng: pngs.decodePixels }),
    yolo: (options) => readers.readYoloFiles(files, options),
  };
  let found: FileSet;
  try {
    found = read[format]({ findImage, onProblem: problems.onProblem, onLoss: problems.onLoss });
  } catch (cause) {
    if (cause instanceof DatasetError) throw new StudioError("masks-invalid", cause.message, { cause });
    throw cause;
  }
  const unknown = found.unknownImages.length;
  return {
    ...found,
    remarks: [
      ...problems.remarksOn(found.records),
      ...(unknown > 0 ? [`${unknown} of its files are of images that are not open here.`] : []),
    ],
  };
}
