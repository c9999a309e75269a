import type { Size } from "@segany/masks";
import { asList, asObject, extraOf, invalidField, readId, readSize, readText } from "../../json/fields.js";
import { readImageName } from "../../names/match-names.js";
import type { Annotation, DatasetImage, DatasetRecord, JsonObject, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { annotationFields, hasOutline, parseAnnotation, toMaskFields } from "../annotation-json.js";
import type { Feature } from "../features.js";

/** What SA-1B's files can hold. */
export const sa1bHolds: ReadonlySet<Feature> = new Set<Feature>([
  "annotationExtra",
  "annotationIds",
  "areas",
  "boxes",
  "cropBoxes",
  "exactMasks",
  "holes",
  "imageExtra",
  "imageIds",
  "overlaps",
  "parts",
  "pointCoords",
  "predictedIou",
  "stabilityScore",
]);

const imageFields: ReadonlySet<string> = new Set(["file_name", "height", "image_id", "width"]);
/** COCO's fields of annotations, which mean nothing in SA-1B: they are kept as further fields. */
const foreignFields = ["annotator", "category_id", "image_id", "iscrowd", "isthing"] as const;
const maskFields: ReadonlySet<string> = new Set(
  [...annotationFields].filter((field) => !foreignFields.some((foreign) => foreign === field)),
);

/**
 * Reads the parsed content of one of SA-1B's files: one image and its masks.
 *
 * @param where what to call the file in an error message
 * @param takers of what is wrong with a mask, which is then left out (thrown by default), and of what is left
 * out
 * @throws DatasetError `dataset-invalid`, `annotation-invalid`, `name-unsafe`
 *
 * @example
 * const image = { image_id: 1, width: 64, height: 48, file_name: "a.jpg" };
 * const { annotations } = parseSa1b({ image, annotations: [] }, "a.json");
 * console.log(annotations.length); // 0
 */
export function parseSa1b(value: unknown, where: string, takers: ReadTakers = {}): DatasetRecord {
  const file = asObject(value, where);
  const image = parseSa1bImage(file.image, where);
  const annotations = parseEach(
    asList(file.annotations, `${where}: field "annotations"`),
    (index) => `${where}: annotation ${index}`,
    (entry, place) => parseSa1bAnnotation(entry, image, place, takers),
    takers.onProblem,
  );
  return { image, annotations };
}

/**
 * Reads one of the `annotations` of SA-1B's files.
 *
 * @param size the image's
 * @param where file and record for error messages
 * @throws DatasetError `dataset-invalid`, `annotation-invalid`
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const size = { width: 64, height: 48 };
 * const value = { id: 1, segmentation: boxToRle([5, 8, 10, 4], size), area: 40, bbox: [5, 8, 9, 3] };
 * console.log(parseSa1bAnnotation(value, size, "a.json").bboxXywh); // [ 5, 8, 10, 4 ]
 */
export function parseSa1bAnnotation(
  value: unknown,
  size: Size,
  where: string,
  takers: ReadTakers = {},
): Annotation {
  const raw = asObject(value, where);
  const own = Object.fromEntries(Object.entries(raw).filter(([name]) => maskFields.has(name)));
  const extra = extraOf(raw, maskFields);
  if (!hasOutline(own)) throw invalidField(own.segmentation, "segmentation", where, "a mask");
  return { ...parseAnnotation(own, size, where, takers), ...(extra && { extra }) };
}

/**
 * Reads the `image` of one of SA-1B's files.
 *
 * @throws DatasetError `dataset-invalid`, `annotation-invalid`, `name-unsafe`
 *
 * @example
 * const value = { image_id: 1, file_name: "a.jpg", width: 64, height: 48 };
 * console.log(parseSa1bImage(value, "a.json").fileName); // a.jpg
 */
export function parseSa1bImage(value: unknown, where: string): DatasetImage {
  const place = `${where}: field "image"`;
  const raw = asObject(value, place);
  const extra = extraOf(raw, imageFields);
  return {
    id: readId(raw, "image_id", place),
    fileName: readImageName(readText(raw, "file_name", place), place),
    ...readSize(raw, place),
    ...(extra && { extra }),
  };
}

/**
 * The content of an SA-1B file for an image and its masks.
 *
 * @example
 * const image = { id: 1, fileName: "a.jpg", width: 64, height: 48 };
 * console.log(Object.keys(toSa1b({ image, annotations: [] }))); // [ 'image', 'annotations' ]
 */
export function toSa1b({ image, annotations }: DatasetRecord): JsonObject {
  return {
    image: {
      ...image.extra,
      image_id: image.id,
      width: image.width,
      height: image.height,
      file_name: image.fileName,
    },
    annotations: annotations.map(toSa1bAnnotation),
  };
}

/**
 * One of the `annotations` of an SA-1B file.
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const annotation = newAnnotation(1, boxToRle([5, 8, 10, 4], { width: 64, height: 48 }));
 * console.log(toSa1bAnnotation(annotation).bbox); // [ 5, 8, 10, 4 ]
 */
export function toSa1bAnnotation(annotation: Annotation): JsonObject {
  return { ...annotation.extra, ...toMaskFields(annotation) };
}
