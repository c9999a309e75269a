import type { Category, JsonObject } from "../../record.js";
import type { Feature } from "../features.js";
import { type CategoryCounts, cocoHolds, toCocoAnnotation, toCocoCategory, toCocoImage } from "./coco.js";

/** How COCO's and LVIS's files differ for the writer. */
export interface CocoDialect {
  readonly format: string;
  /** The annotation file, as the format's tools look for it: in `annotations/`, beside `images/`. */
  readonly fileName: string;
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
  fileName: "annotations/instances_default.json",
  holds: cocoHolds,
  image: toCocoImage,
  annotation: toCocoAnnotation,
  category: toCocoCategory,
  hasIgnoreRegions: true,
};
