import { type CocoWriteOptions, cocoWriterOf } from "../coco/write-coco.js";
import type { DatasetWriter } from "../format.js";
import { lvisHolds, toLvisAnnotation, toLvisCategory, toLvisImage } from "./lvis.js";

/** LVIS v1: a file as COCO's, and the image files in `images/`. */
export const lvisWriter: DatasetWriter<CocoWriteOptions> = cocoWriterOf({
  format: "lvis",
  holds: lvisHolds,
  image: toLvisImage,
  annotation: toLvisAnnotation,
  category: toLvisCategory,
  hasIgnoreRegions: false,
});
