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

/**
 * An entry of `images`; LVIS's tools want both lists of classes to be there.
 *
 * @example
 * console.log(toLvisImage({ id: 1, fileName: "a.jpg", width: 64, height: 48 }).neg_category_ids); // []
 */
export function toLvisImage(image: DatasetImage): JsonObject {
  const { negCategoryIds = [], notExhaustiveCategoryIds = [] } = image;
  return toCocoImage({ ...image, negCategoryIds, notExhaustiveCategoryIds });
}

/**
 * An entry of `annotations`; LVIS knows no crowds.
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const annotation = newAnnotation(1, boxToRle([5, 8, 10, 4], { width: 64, height: 48 }));
 * console.log(toLvisAnnotation(annotation, { id: 1, imageId: 1, categoryId: 3 }).category_id); // 3
 */
export function toLvisAnnotation(
  annotation: Annotation,
  ids: { readonly id: number; readonly imageId: number; readonly categoryId: number },
): JsonObject {
  const { iscrowd: _, ...fields } = toCocoAnnotation(annotation, ids);
  return fields;
}

/**
 * An entry of `categories`. What LVIS's tools want and the class doesn't say is counted: `image_count`,
 * `instance_count`, and from the images `frequency`, rare up to 10, common up to 100, else frequent (LVIS
 * paper, section 3).
 *
 * @example
 * console.log(toLvisCategory({ id: 3, name: "pear" }, { images: 2, annotations: 5 }).image_count); // 2
 */
export function toLvisCategory(category: Category, { images, annotations }: CategoryCounts): JsonObject {
  return {
    frequency: images <= 10 ? "r" : images <= 100 ? "c" : "f",
    image_count: images,
    instance_count: annotations,
    ...toCocoCategory(category),
  };
}
