import { cocoHolds } from "../formats/coco.js";
import type { DatasetFormat } from "../formats/format.js";
import { lvisHolds, toLvisAnnotation, toLvisCategory, toLvisImage } from "../formats/lvis.js";
import { sa1bHolds } from "../formats/sa1b.js";
import { detectCoco, readCoco } from "./read-coco.js";
import { looksLikeSa1b, readSa1b } from "./read-sa1b.js";
import { type CocoDialect, writeCoco, writeCocoDialect } from "./write-coco.js";
import { writeSa1b } from "./write-sa1b.js";

/** SA-1B: per image a JSON file with RLE masks, in folders or in tar shards. */
export const sa1bFormat: DatasetFormat = {
  name: "sa1b",
  title: "SA-1B: a JSON file of RLE masks for each image, in folders or tar shards",
  holds: sa1bHolds,
  detect: looksLikeSa1b,
  read: readSa1b,
  write: writeSa1b,
};

/** COCO instances in one annotation file. */
export const cocoFormat: DatasetFormat = {
  name: "coco",
  title: "COCO instances: annotations.json with polygons or RLE, images in images/",
  holds: cocoHolds,
  detect: async (path) => (await detectCoco(path)) === "coco",
  read: (path, options) => readCoco(path, options),
  write: (dataset, path, options) => writeCoco(dataset, path, options),
};

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
};
