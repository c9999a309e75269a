import { type BoxXywh, cocoToMetaBox, type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import {
  type RawObject,
  readId,
  readOptionalBoxXywh,
  readOptionalFlag,
  readOptionalNumber,
  readOptionalPoints,
  show,
} from "../json/fields.js";
import { parseSegmentation, type Segmentation } from "../masks/segmentation.js";
import type { ProblemCode, ProblemList } from "./problems.js";

/** The image an annotation belongs to. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Where an annotation stands. */
export interface AnnotationPlace {
  readonly file: string;
  readonly record: string;
}

/**
 * Checks all fields of an annotation as SA-1B and COCO write it, and notes each problem with its field: a
 * mask that doesn't fit its size or the image, an area or a box that disagrees with the mask.
 *
 * Boxes one less wide or high than the mask are accepted: Meta's generator and COCO's own crowd regions have
 * them. The area and box of polygons have fractions: there the box is held against the corners, within a
 * pixel.
 *
 * @param options.bareBoxes whether a box without a mask is no problem
 */
export function checkAnnotation(
  raw: RawObject,
  image: ImageSize,
  place: AnnotationPlace,
  problems: ProblemList,
  { bareBoxes }: { readonly bareBoxes: boolean },
): void {
  const attempt = <T>(field: string, run: () => T, code?: ProblemCode): T | undefined => {
    try {
      return run();
    } catch (error) {
      problems.noteError(error, { ...place, field }, code);
      return undefined;
    }
  };
  const where = `${place.file}: ${place.record}`;
  attempt("id", () => readId(raw, "id", where));
  for (const field of ["predicted_iou", "stability_score"]) {
    attempt(field, () => readOptionalNumber(raw, field, where));
  }
  for (const field of ["iscrowd", "isthing"]) attempt(field, () => readOptionalFlag(raw, field, where));
  attempt("crop_box", () => readOptionalBoxXywh(raw, "crop_box", where));
  attempt("point_coords", () => readOptionalPoints(raw, "point_coords", where));
  const area = attempt("area", () => readOptionalNumber(raw, "area", where));
  const boxXywh = attempt("bbox", () => readOptionalBoxXywh(raw, "bbox", where));
  if (bareBoxes && isBareBox(raw, boxXywh)) return;
  const mask = attempt(
    "segmentation",
    () => parseSegmentation(raw.segmentation, image, where, problems.onLoss),
    codeOfSegmentation(raw.segmentation, image),
  );
  if (!mask) return;
  if (rleArea(mask.segmentation) === 0)
    problems.note({ ...place, code: "mask-empty", field: "segmentation", message: "The mask has no pixel." });
  if (area !== undefined) checkArea(area, mask, place, problems);
  if (boxXywh) checkBox(boxXywh, mask, image, place, problems);
}

/** Whether there is no mask, as in detection sets, but a box that says all. */
function isBareBox({ segmentation }: RawObject, boxXywh: BoxXywh | undefined): boolean {
  const isEmpty = segmentation == null || (Array.isArray(segmentation) && segmentation.length === 0);
  return isEmpty && boxXywh !== undefined && boxXywh[2] > 0 && boxXywh[3] > 0;
}

function codeOfSegmentation(value: unknown, { width, height }: ImageSize): ProblemCode {
  if (Array.isArray(value)) return "polygon-invalid";
  const size: unknown = (value as { size?: unknown } | null | undefined)?.size;
  const isOther = Array.isArray(size) && size.length === 2 && (size[0] !== height || size[1] !== width);
  return isOther ? "size-mismatch" : "rle-invalid";
}

function checkArea(area: number, mask: Segmentation, place: AnnotationPlace, problems: ProblemList): void {
  const counted = rleArea(mask.segmentation);
  if (mask.polygons ? isLikeArea(area, mask.segmentation) : area === counted) return;
  problems.note({
    ...place,
    code: "area-mismatch",
    field: "area",
    message: `The area is ${area}, but the mask has ${counted} pixels.`,
  });
}

/**
 * Whether it may be the area of outlines that fill these pixels: tools count it in many ways, but none
 * differs by more than the pixels at the border and half of all.
 */
function isLikeArea(area: number, mask: Rle): boolean {
  const [, , width, height] = rleToBoxXywh(mask);
  return Math.abs(area - rleArea(mask)) <= Math.max(2 * (width + height), rleArea(mask) / 2);
}

function checkBox(
  boxXywh: BoxXywh,
  mask: Segmentation,
  image: ImageSize,
  place: AnnotationPlace,
  problems: ProblemList,
): void {
  const tight = mask.polygons ? boxOfPolygons(mask.polygons, image) : rleToBoxXywh(mask.segmentation);
  const fits = mask.polygons ? isNear(boxXywh, tight) : isTightOrOneLess(boxXywh, mask.segmentation);
  if (fits) return;
  problems.note({
    ...place,
    code: "box-mismatch",
    field: "bbox",
    message: `The box is ${show(boxXywh)}, but the mask's is ${show(tight)}.`,
  });
}

function isTightOrOneLess(box: BoxXywh, rle: Rle): boolean {
  // An empty mask has no place, so any empty box will do.
  if (rleArea(rle) === 0) return box[2] === 0 && box[3] === 0;
  const tight = rleToBoxXywh(rle);
  const metaBox = cocoToMetaBox(tight);
  return box.every((value, i) => value === tight[i] || value === metaBox[i]);
}

/** A pixel for rounding and for corners outside the image, which some files cut off and others don't. */
function isNear([x, y, width, height]: BoxXywh, [left, top, tightWidth, tightHeight]: BoxXywh): boolean {
  const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1;
  return (
    isClose(Math.max(x, 0), left) &&
    isClose(Math.max(y, 0), top) &&
    isClose(x + width, left + tightWidth) &&
    isClose(y + height, top + tightHeight)
  );
}

function boxOfPolygons(polygons: readonly (readonly number[])[], { width, height }: ImageSize): BoxXywh {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const ring of polygons) {
    for (let i = 0; i < ring.length; i += 2) {
      left = Math.min(left, ring[i]!);
      right = Math.max(right, ring[i]!);
      top = Math.min(top, ring[i + 1]!);
      bottom = Math.max(bottom, ring[i + 1]!);
    }
  }
  [left, top] = [Math.max(left, 0), Math.max(top, 0)];
  return [left, top, Math.min(right, width) - left, Math.min(bottom, height) - top];
}
