import type { Dataset } from "../../record.js";
import type { DatasetFormat, WriteOptions, WriteReport } from "../format.js";
import { writeFolder } from "../node-write-folder.js";
import { cocoHolds } from "./coco.js";
import { detectCoco, readCoco } from "./node-read-coco.js";
import { validateCoco } from "./node-validate-coco.js";
import { cocoWriter } from "./write-coco.js";

/** COCO instances in one annotation file. */
export const cocoFormat: DatasetFormat = {
  name: "coco",
  title: "COCO instances: annotations.json with polygons or RLE, images in images/",
  holds: cocoHolds,
  detect: async (path) => (await detectCoco(path)) === "coco",
  read: (path, options) => readCoco(path, options),
  write: writeCoco,
  validate: (path, settings) => validateCoco(path, settings, "coco"),
};

/**
 * Writes a COCO set into a folder (`cocoWriter`).
 *
 * @throws DatasetError `output-exists`, `dataset-invalid` for two images of one name, `file-unwritable`, `aborted`
 */
export async function writeCoco(
  dataset: Dataset,
  path: string,
  options: WriteOptions = {},
): Promise<WriteReport> {
  return writeFolder(cocoWriter, dataset, path, options);
}
