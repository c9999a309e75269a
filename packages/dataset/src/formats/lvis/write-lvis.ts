import { type CocoWriteOptions, cocoWriterOf } from "../coco/write-coco.js";
import type { DatasetWriter } from "../format.js";
import { lvisHolds, toLvisAnnotation, toLvisCategory, toLvisImage } from "./lvis.js";

/** LVIS v1: `annotations/lvis_v1_PART.json`, and the image files in `images/`. */
export const lvisWriter: DatasetWriter<CocoWriteOptions> = cocoWriterOf({
  format: "lvis",
  filePrefix: "lvis_v1_",
  holds: lvisHolds,
  image: toLvisImage,
  annotation: toLvisAnnotation,
  category: toLvisCategory,
  hasIgnoreRegions: false,
});
