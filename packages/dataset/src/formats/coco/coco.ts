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
import { checkFileName } from "../../names/file-names.js";
import type { Annotation, Category, DatasetImage, IgnoreRegion, JsonObject } from "../../record.js";
import { parseAnnotation, toMaskFields, toRleJson } from "../annotation-json.js";
import type { Feature } from "../features.js";

/** What COCO's instance files can hold, with the further fields our own sets have. */
export const cocoHolds: ReadonlySet<Feature> = new Set<Feature>([
  "annotationExtra",
  "annotationIds",
  "annotator",
  "areas",
  "boxes",
  "categories",
  "categoryExtra",
  "categoryIds",
  "cropBoxes",
  "crowd",
  "emptyMasks",
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
 */
export function parseCocoImage(raw: RawObject, where: string): DatasetImage {
  const negCategoryIds = readOptionalIds(raw, "neg_category_ids", where);
  const notExhaustiveCategoryIds = readOptionalIds(raw, "not_exhaustive_category_ids", where);
  const extra = extraOf(raw, imageFields);
  return {
    id: readId(raw, "id", where),
    fileName: checkFileName(readFileName(raw, where), where),
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
 */
export function parseCocoAnnotation(raw: RawObject, image: DatasetImage, where: string): Annotation {
  return parseAnnotation(raw, image, where);
}

/**
 * Reads an entry of `categories`.
 *
 * @throws DatasetError `annotation-invalid`
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

/** An entry of `images`. */
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

/** An entry of `categories`. */
export function toCocoCategory({ id, name, supercategory, isThing, extra }: Category): JsonObject {
  return {
    ...extra,
    id,
    name,
    ...(supercategory !== undefined && { supercategory }),
    ...(isThing !== undefined && { isthing: isThing ? 1 : 0 }),
  };
}

/** An entry of `ignore_regions`. */
export function toIgnoreRegionJson(region: IgnoreRegion, imageId: number): JsonObject {
  return {
    ...region.extra,
    ...(region.categoryId !== undefined && { category_id: region.categoryId }),
    image_id: imageId,
    segmentation: toRleJson(region),
  };
}
