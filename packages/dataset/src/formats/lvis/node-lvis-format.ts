import { detectCoco, readCoco } from "../coco/node-read-coco.js";
import { validateCoco } from "../coco/node-validate-coco.js";
import type { DatasetFormat } from "../format.js";
import { writesFolders } from "../node-write-folder.js";
import { lvisHolds } from "./lvis.js";
import { lvisWriter } from "./write-lvis.js";

/** LVIS v1: COCO's layout with lists of absent and not exhaustively annotated classes. */
export const lvisFormat: DatasetFormat = {
  name: "lvis",
  title: "LVIS v1: COCO's layout with absent and not exhaustively annotated classes for each image",
  holds: lvisHolds,
  detect: async (sight) => (await detectCoco(sight)) === "lvis",
  read: (path, options) => readCoco(path, options, "lvis"),
  ...writesFolders(lvisWriter),
  validate: (path, settings) => validateCoco(path, settings, "lvis"),
};
