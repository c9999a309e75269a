import type { DatasetFormat } from "../format.js";
import { cocoHolds } from "./coco.js";
import { detectCoco, readCoco } from "./node-read-coco.js";
import { validateCoco } from "./node-validate-coco.js";
import { writeCoco } from "./node-write-coco.js";

/** COCO instances in one annotation file. */
export const cocoFormat: DatasetFormat = {
  name: "coco",
  title: "COCO instances: annotations.json with polygons or RLE, images in images/",
  holds: cocoHolds,
  detect: async (path) => (await detectCoco(path)) === "coco",
  read: (path, options) => readCoco(path, options),
  write: (dataset, path, options) => writeCoco(dataset, path, options),
  validate: (path, settings) => validateCoco(path, settings, "coco"),
};
