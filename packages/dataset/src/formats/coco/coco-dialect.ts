import type { Category, JsonObject } from "../../record.js";
import type { Feature } from "../features.js";
import { type CategoryCounts, cocoHolds, toCocoAnnotation, toCocoCategory, toCocoImage } from "./coco.js";

/** How COCO's and LVIS's files differ for the writer. */
export interface CocoDialect {
  readonly format: string;
  /** How annotation files begin, before the name of their part. */
  readonly filePrefix: string;
  readonly holds: ReadonlySet<Feature>;
  readonly image: typeof toCocoImage;
  readonly annotation: typeof toCocoAnnotation;
  /** @param counts how often the class was met in the file */
  readonly category: (category: Category, counts: CategoryCounts) => JsonObject;
  readonly hasIgnoreRegions: boolean;
}

/** COCO's own files. */
export const cocoDialect: CocoDialect = {
  format: "coco",
  filePrefix: "instances_",
  holds: cocoHolds,
  image: toCocoImage,
  annotation: toCocoAnnotation,
  category: toCocoCategory,
  hasIgnoreRegions: true,
};
