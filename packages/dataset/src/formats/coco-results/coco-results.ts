/** COCO's results: a list of masks or boxes with scores, as detectors are scored with. */
import type { BoxXywh, Size } from "@segany/masks";
import { cocoBox } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { idOf, type RawObject, readId, readOptionalBoxXywh, show } from "../../json/fields.js";
import type { Annotation, JsonObject } from "../../record.js";
import { hasOutline, parseAnnotation } from "../annotation-json.js";

/** What the beginning of such a file looks like: a list of objects that name an image. */
export const resultsHead = /^\s*\[\s*\{[^[\]{}]*"(?:image_id|category_id|score|bbox|segmentation)"\s*:/;

/** An entry of the list, and its place in the file. */
export interface ResultEntry {
  readonly raw: RawObject;
  readonly index: number;
}

/** The id of the image that an entry is on. @throws DatasetError `annotation-invalid` */
export function imageIdOf({ raw }: ResultEntry, where: string): number {
  return readId(raw, "image_id", where);
}

/** The size that the masks of an image say it has; undefined where none is an RLE. */
export function sizeOfResults(entries: readonly ResultEntry[]): Size | undefined {
  for (const { raw } of entries) {
    const size: unknown = (raw.segmentation as { size?: unknown } | null | undefined)?.size;
    if (!Array.isArray(size) || size.length !== 2) continue;
    const [height, width] = size;
    if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)
      return { width, height };
  }
  return undefined;
}

/**
 * Reads an entry: its mask, or its box where it has none. The score is kept as the extra field `score`. Ids
 * are places in the list, from 1.
 *
 * @throws DatasetError `annotation-invalid`
 */
export function parseResult(
  { raw, index }: ResultEntry,
  size: Size,
  categoryIds: ReadonlySet<number>,
  where: string,
): Annotation {
  const { score, image_id: _, id: _own, ...rest } = raw;
  if (score !== undefined && !Number.isFinite(score))
    throw new DatasetError("annotation-invalid", `${where}: field "score" is ${show(score)}, not a number.`);
  const id = index + 1;
  const categoryId = idOf(raw.category_id);
  if (raw.category_id != null && (categoryId === undefined || !categoryIds.has(categoryId)))
    throw new DatasetError(
      "annotation-invalid",
      `${where}: field "category_id" is ${show(raw.category_id)}, which is the id of no category.`,
    );
  const box = hasOutline(raw) ? undefined : boxOf(raw, where);
  const annotation: Annotation = box
    ? {
        id,
        bboxXywh: cocoBox(box),
        area: box[2] * box[3],
        isCrowd: false,
        ...(categoryId !== undefined && { categoryId }),
      }
    : parseAnnotation({ ...rest, id }, size, where);
  const extra: JsonObject = { ...annotation.extra, ...(score !== undefined && { score: score as number }) };
  return { ...annotation, id, ...(Object.keys(extra).length > 0 && { extra }) };
}

/** Detectors round boxes to nothing, which is no reason to refuse the rest. */
function boxOf(raw: RawObject, where: string): BoxXywh {
  const box = readOptionalBoxXywh(raw, "bbox", where);
  if (box && box[2] > 0 && box[3] > 0) return box;
  throw new DatasetError(
    "annotation-invalid",
    `${where}: it has neither a segmentation nor a bbox with a width and a height.`,
  );
}
