import { DatasetError } from "../errors.js";
import { isFile, isFolder } from "../files/files.js";
import { cocoFormat } from "./coco/node-coco-format.js";
import type { DatasetFormat } from "./format.js";
import { labelMapFormat } from "./label-map/node-label-map-format.js";
import { labelmeFormat } from "./labelme/node-labelme-format.js";
import { lvisFormat } from "./lvis/node-lvis-format.js";
import { pngFormat } from "./png/node-png-format.js";
import { sa1bFormat } from "./sa1b/node-sa1b-format.js";
import { semanticFormat } from "./semantic/node-semantic-format.js";
import { vocFormat } from "./voc/node-voc-format.js";
import { yoloFormat } from "./yolo/node-yolo-format.js";

/** All formats; where several would claim a folder, the more particular one comes first. */
export const datasetFormats: readonly DatasetFormat[] = [
  lvisFormat,
  cocoFormat,
  vocFormat,
  semanticFormat,
  yoloFormat,
  pngFormat,
  labelMapFormat,
  labelmeFormat,
  sa1bFormat,
];

/**
 * Finds a format by its name.
 *
 * @throws DatasetError `format-unknown`
 *
 * @example
 * console.log(findFormat("coco").holds.has("polygons")); // true
 */
export function findFormat(name: string): DatasetFormat {
  const format = datasetFormats.find((candidate) => candidate.name === name);
  if (format) return format;
  const known = datasetFormats.map((candidate) => candidate.name).join(", ");
  throw new DatasetError("format-unknown", `There is no format "${name}"; the formats are ${known}.`);
}

/**
 * Finds the format of what lies at a path.
 *
 * @throws DatasetError `format-unknown` when it looks like none of them, `dataset-not-found` when nothing is there
 *
 * @example
 * await convert(dataset, "coco", "detect-coco", { images: "none" });
 * console.log((await detectFormat("detect-coco")).name); // coco
 */
export async function detectFormat(path: string): Promise<DatasetFormat> {
  if (!(await isFile(path)) && !(await isFolder(path)))
    throw new DatasetError("dataset-not-found", `There is no file or folder "${path}".`);
  for (const format of datasetFormats) {
    if (await format.detect(path)) return format;
  }
  const known = datasetFormats.map((candidate) => candidate.name).join(", ");
  throw new DatasetError(
    "format-unknown",
    `"${path}" looks like none of the formats ${known}; name the format.`,
  );
}
