/**
 * COCO panoptic: a PNG an image, whose colours are numbers of segments, and a JSON that says what they are.
 */
import { encodeRle, type Rle } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import {
  asList,
  asObject,
  extraOf,
  type RawObject,
  readId,
  readOptionalFlag,
  readOptionalNumber,
} from "../../json/fields.js";
import { splitLabelMap } from "../../masks/label-map.js";
import type { MaskPixels } from "../../masks/mask-pixels.js";
import type { Annotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation } from "../new-annotation.js";

const segmentFields: ReadonlySet<string> = new Set(["area", "bbox", "category_id", "id", "iscrowd"]);

/**
 * Puts together what the JSON says of an image's segments, and their pixels.
 *
 * @param pixels of the PNG: a segment's number is red + 256 green + 65536 blue
 * @param where what to call the image in an error message
 * @param takers of what is wrong with a segment, which is then left out; thrown by default
 * @throws DatasetError `annotation-invalid`
 */
export function parseSegments(
  segments: unknown,
  pixels: MaskPixels,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  const masks = masksById(pixels, where);
  return parseEach(
    asList(segments, `${where}: field "segments_info"`),
    (i) => `${where}, segment ${i + 1}`,
    (value, place) => toAnnotation(asObject(value, place), masks, pixels, place),
    takers.onProblem,
  );
}

function toAnnotation(
  raw: RawObject,
  masks: ReadonlyMap<number, Rle>,
  { width, height }: MaskPixels,
  where: string,
): Annotation {
  const id = readId(raw, "id", where);
  const segmentation = masks.get(id) ?? encodeRle({ width, height, data: new Uint8Array(width * height) });
  const area = readOptionalNumber(raw, "area", where);
  const extra = extraOf(raw, segmentFields);
  return newAnnotation(id, segmentation, {
    isCrowd: readOptionalFlag(raw, "iscrowd", where) ?? false,
    ...(raw.category_id != null && { categoryId: readId(raw, "category_id", where) }),
    ...(area !== undefined && { area }),
    ...(extra && { extra }),
  });
}

/** The mask of each number that occurs. */
function masksById({ width, height, colours, numbers }: MaskPixels, where: string): Map<number, Rle> {
  const ids = new Map<number, number>();
  const data = new Uint16Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const colour = colours ? colours[i]! : numbers![i]!;
    let label = ids.get(colour);
    if (label === undefined) {
      label = ids.size;
      if (label > 65_535)
        throw new DatasetError("annotation-invalid", `${where}: it has more than 65536 segments.`);
      ids.set(colour, label);
    }
    data[i] = label;
  }
  const masks = splitLabelMap({ width, height, data });
  const idOf = (colour: number): number =>
    colours ? (colour >> 16) + 256 * ((colour >> 8) & 255) + 65_536 * (colour & 255) : colour;
  return new Map([...ids].map(([colour, label]) => [idOf(colour), masks.get(label)!]));
}
