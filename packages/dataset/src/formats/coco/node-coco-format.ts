import type { DatasetFormat } from "../format.js";
import { writesFolders } from "../node-write-folder.js";
import { cocoHolds } from "./coco.js";
import { nearlyCoco } from "./node-coco-layout.js";
import { detectCoco, readCoco } from "./node-read-coco.js";
import { validateCoco } from "./node-validate-coco.js";
import { cocoWriter } from "./write-coco.js";

/** COCO instances: an annotation file a part. */
export const cocoFormat: DatasetFormat = {
  name: "coco",
  title: "COCO instances: annotations/instances_*.json with polygons or RLE, images in images/",
  holds: cocoHolds,
  detect: async (sight) => (await detectCoco(sight)) === "coco" || nearlyCoco(sight),
  read: (path, options) => readCoco(path, options),
  ...writesFolders(cocoWriter),
  validate: (path, settings) => validateCoco(path, settings, "coco"),
};
