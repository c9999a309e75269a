import { detectCoco, readCoco } from "../coco/node-read-coco.js";
import { validateCoco } from "../coco/node-validate-coco.js";
import { type CocoDialect, writeCocoDialect } from "../coco/node-write-coco.js";
import type { DatasetFormat } from "../format.js";
import { lvisHolds, toLvisAnnotation, toLvisCategory, toLvisImage } from "./lvis.js";

const lvisDialect: CocoDialect = {
  format: "lvis",
  holds: lvisHolds,
  image: toLvisImage,
  annotation: toLvisAnnotation,
  category: toLvisCategory,
  hasIgnoreRegions: false,
};

/** LVIS v1: COCO's layout with lists of absent and not exhaustively annotated classes. */
export const lvisFormat: DatasetFormat = {
  name: "lvis",
  title: "LVIS v1: COCO's layout with absent and not exhaustively annotated classes for each image",
  holds: lvisHolds,
  detect: async (path) => (await detectCoco(path)) === "lvis",
  read: (path, options) => readCoco(path, options, "lvis"),
  write: (dataset, path, options) => writeCocoDialect(lvisDialect, dataset, path, options),
  validate: (path, settings) => validateCoco(path, settings, "lvis"),
};
