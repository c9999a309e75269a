import {
  extraOf,
  type RawObject,
  readId,
  readOptionalFlag,
  readOptionalIds,
  readSize,
  readText,
} from "../../json/fields.js";
import { parseSegmentation } from "../../masks/segmentation.js";
import { readImageName } from "../../names/match-names.js";
import type {
  Annotation,
  Category,
  DatasetImage,
  IgnoreRegion,
  JsonObject,
  ReadTakers,
} from "../../record.js";
import { parseAnnotation, toMaskFields, toRleJson } from "../annotation-json.js";
import type { Feature } from "../features.js";

/** What COCO's instance files can hold, with the further fields our own sets have. */
export const cocoHolds: ReadonlySet<Feature> = new Set<Feature>([
  "annotationExtra",
  "annotationIds",
  "annotator",
  "areas",
  "bareBoxes",
  "boxes",
  "categories",
  "categoryExtra",
  "categoryIds",
  "cropBoxes",
  "crowd",
  "exactMasks",
  "holes",
  "ignoreRegions",
  "imageExtra",
  "imageIds",
  "info",
  "isThing",
  "licenses",
  "lvisImageCategories",
  "overlaps",
  "parts",
  "pointCoords",
  "polygons",
  "predictedIou",
  "sameNames",
  "stabilityScore",
  "supercategories",
]);

const imageFields: ReadonlySet<string> = new Set([
  "file_name",
  "height",
  "id",
  "neg_category_ids",
  "not_exhaustive_category_ids",
  "width",
]);
const categoryFields: ReadonlySet<string> = new Set(["id", "isthing", "name", "supercategory"]);
const ignoreRegionFields: ReadonlySet<string> = new Set(["category_id", "image_id", "segmentation"]);

/**
 * Reads an entry of `images`. LVIS names no file but an address, whose last two parts name it.
 *
 * @throws DatasetError `annotation-invalid`, `name-unsafe`
 *
 * @example
 * const raw = { id: 1, file_name: "a.jpg", width: 64, height: 48 };
 * console.log(parseCocoImage(raw, "images[0]").fileName); // a.jpg
 */
export function parseCocoImage(raw: RawObject, where: string): DatasetImage {
  const negCategoryIds = readOptionalIds(raw, "neg_category_ids", where);
  const notExhaustiveCategoryIds = readOptionalIds(raw, "not_exhaustive_category_ids", where);
  const extra = extraOf(raw, imageFields);
  return {
    id: readId(raw, "id", where),
    fileName: readImageName(readFileName(raw, where), where),
    ...readSize(raw, where),
    ...(negCategoryIds && { negCategoryIds }),
    ...(notExhaustiveCategoryIds && { notExhaustiveCategoryIds }),
    ...(extra && { extra }),
  };
}

function readFileName(raw: RawObject, where: string): string {
  const address = raw.coco_url;
  if (raw.file_name !== undefined || typeof address !== "string") return readText(raw, "file_name", where);
  return address.split("/").slice(-2).join("/");
}

/**
 * Reads an entry of `annotations`.
 *
 * @throws DatasetError `annotation-invalid`
 *
 * @example
 * const image = { id: 1, fileName: "a.jpg", width: 64, height: 48 };
 * const raw = { id: 7, image_id: 1, segmentation: [[5, 8, 15, 8, 15, 12, 5, 12]], iscrowd: 0 };
 * console.log(parseCocoAnnotation(raw, image, "annotations[0]").area); // 40
 */
export function parseCocoAnnotation(
  raw: RawObject,
  image: DatasetImage,
  where: string,
  takers?: ReadTakers,
): Annotation {
  return parseAnnotation(raw, image, where, takers);
}

/**
 * Reads an entry of `categories`.
 *
 * @throws DatasetError `annotation-invalid`
 *
 * @example
 * console.log(parseCocoCategory({ id: 3, name: "pear" }, "categories[0]")); // { id: 3, name: 'pear' }
 */
export function parseCocoCategory(raw: RawObject, where: string): Category {
  const isThing = readOptionalFlag(raw, "isthing", where);
  const supercategory = raw.supercategory == null ? undefined : readText(raw, "supercategory", where);
  const extra = extraOf(raw, categoryFields);
  return {
    id: readId(raw, "id", where),
    name: readText(raw, "name", where),
    ...(supercategory !== undefined && { supercategory }),
    ...(isThing !== undefined && { isThing }),
    ...(extra && { extra }),
  };
}

/**
 * Reads an entry of `ignore_regions`.
 *
 * @throws DatasetError `annotation-invalid`
 *
 * @example
 * const image = { id: 1, fileName: "a.jpg", width: 64, height: 48 };
 * const raw = { segmentation: [[5, 8, 15, 8, 15, 12, 5, 12]] };
 * console.log(parseIgnoreRegion(raw, image, "ignore[0]").segmentation.size); // [ 48, 64 ]
 */
export function parseIgnoreRegion(raw: RawObject, image: DatasetImage, where: string): IgnoreRegion {
  const { segmentation } = parseSegmentation(raw.segmentation, image, where);
  const extra = extraOf(raw, ignoreRegionFields);
  return {
    segmentation,
    ...(raw.category_id != null && { categoryId: readId(raw, "category_id", where) }),
    ...(extra && { extra }),
  };
}

/**
 * An entry of `images`.
 *
 * @example
 * console.log(toCocoImage({ id: 1, fileName: "a.jpg", width: 64, height: 48 }).file_name); // a.jpg
 */
export function toCocoImage(image: DatasetImage): JsonObject {
  const { id, fileName, width, height, negCategoryIds, notExhaustiveCategoryIds, extra } = image;
  return {
    ...extra,
    id,
    file_name: fileName,
    height,
    width,
    ...(negCategoryIds && { neg_category_ids: negCategoryIds }),
    ...(notExhaustiveCategoryIds && { not_exhaustive_category_ids: notExhaustiveCategoryIds }),
  };
}

/**
 * An entry of `annotations`; a mask that came as polygons is written as the same polygons.
 *
 * @param ids the numbers the annotation has in the file
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const annotation = newAnnotation(1, boxToRle([5, 8, 10, 4], { width: 64, height: 48 }));
 * console.log(toCocoAnnotation(annotation, { id: 1, imageId: 1, categoryId: 3 }).category_id); // 3
 */
export function toCocoAnnotation(
  annotation: Annotation,
  ids: { readonly id: number; readonly imageId: number; readonly categoryId: number },
): JsonObject {
  const { annotator, isThing, isCrowd, polygons, extra } = annotation;
  return {
    ...extra,
    ...toMaskFields(annotation),
    id: ids.id,
    image_id: ids.imageId,
    category_id: ids.categoryId,
    ...(polygons && { segmentation: polygons }),
    iscrowd: isCrowd ? 1 : 0,
    ...(annotator !== undefined && { annotator }),
    ...(isThing !== undefined && { isthing: isThing ? 1 : 0 }),
  };
}

/** How often a class was met in a file. */
export interface CategoryCounts {
  readonly images: number;
  readonly annotations: number;
}

/**
 * An entry of `categories`.
 *
 * @example
 * console.log(toCocoCategory({ id: 3, name: "pear" }).name); // pear
 */
export function toCocoCategory({ id, name, supercategory, isThing, extra }: Category): JsonObject {
  return {
    ...extra,
    id,
    name,
    ...(supercategory !== undefined && { supercategory }),
    ...(isThing !== undefined && { isthing: isThing ? 1 : 0 }),
  };
}

/**
 * An entry of `ignore_regions`.
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const segmentation = boxToRle([5, 8, 10, 4], { width: 64, height: 48 });
 * console.log(toIgnoreRegionJson({ segmentation }, 1).image_id); // 1
 */
export function toIgnoreRegionJson(region: IgnoreRegion, imageId: number): JsonObject {
  return {
    ...region.extra,
    ...(region.categoryId !== undefined && { category_id: region.categoryId }),
    image_id: imageId,
    segmentation: toRleJson(region.segmentation),
  };
}
