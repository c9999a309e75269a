import type { Annotation, Category, DatasetImage, JsonObject } from "../../record.js";
import {
  type CategoryCounts,
  cocoHolds,
  toCocoAnnotation,
  toCocoCategory,
  toCocoImage,
} from "../coco/coco.js";
import type { Feature } from "../features.js";

/** What LVIS's files can hold: what COCO's do but for crowds and regions to ignore. */
export const lvisHolds: ReadonlySet<Feature> = new Set(
  [...cocoHolds].filter((feature) => feature !== "crowd" && feature !== "ignoreRegions"),
);

/** An entry of `images`; LVIS's tools want both lists of classes to be there. */
export function toLvisImage(image: DatasetImage): JsonObject {
  const { negCategoryIds = [], notExhaustiveCategoryIds = [] } = image;
  return toCocoImage({ ...image, negCategoryIds, notExhaustiveCategoryIds });
}

/** An entry of `annotations`; LVIS knows no crowds. */
export function toLvisAnnotation(
  annotation: Annotation,
  ids: { readonly id: number; readonly imageId: number; readonly categoryId: number },
): JsonObject {
  const { iscrowd: _, ...fields } = toCocoAnnotation(annotation, ids);
  return fields;
}

/**
 * An entry of `categories`. What LVIS's tools want and the class doesn't say is counted: `image_count`, `instance_count`,
 * and from the images `frequency`, rare up to 10, common up to 100, else frequent (LVIS paper, section 3).
 */
export function toLvisCategory(category: Category, { images, annotations }: CategoryCounts): JsonObject {
  return {
    frequency: images <= 10 ? "r" : images <= 100 ? "c" : "f",
    image_count: images,
    instance_count: annotations,
    ...toCocoCategory(category),
  };
}
