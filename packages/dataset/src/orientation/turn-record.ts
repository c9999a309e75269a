/** Records turned as EXIF asks for: from the pixels as they are stored to those that are seen. */
import {
  type BoxXywh,
  cocoBox,
  cocoPolygonsToRle,
  decodeRle,
  encodeRle,
  imagePoint,
  type Point,
  type Rle,
  type Size,
} from "@segany/masks";
import type { Orientation } from "@segany/sam/images";
import type { Annotation, DatasetRecord } from "../record.js";
import { turnSize } from "./frames.js";

/** Where a point of the stored image of `width` and `height` is seen (EXIF 2.32, tag 0x0112). */
const TURNS: Readonly<Record<Orientation, (point: Point, size: Size) => Point>> = {
  1: ([x, y]) => [x, y],
  2: ([x, y], { width }) => [width - x, y],
  3: ([x, y], { width, height }) => [width - x, height - y],
  4: ([x, y], { height }) => [x, height - y],
  5: ([x, y]) => [y, x],
  6: ([x, y], { height }) => [height - y, x],
  7: ([x, y], { width, height }) => [height - y, width - x],
  8: ([x, y], { width }) => [y, width - x],
};

/**
 * Turns an image's masks, boxes and points with its pixels. Outlines are kept where they fill the same pixels
 * after the turn.
 *
 * @param record of the image as it is stored
 */
export function turnRecord(record: DatasetRecord, orientation: Orientation): DatasetRecord {
  if (orientation === 1) return record;
  const { image, annotations, ignoreRegions } = record;
  const turn = (point: Point): Point => TURNS[orientation](point, image);
  return {
    ...record,
    image: { ...image, ...turnSize(image, orientation) },
    annotations: annotations.map((annotation) => turnAnnotation(annotation, turn, orientation)),
    ...(ignoreRegions && {
      ignoreRegions: ignoreRegions.map((region) => ({
        ...region,
        segmentation: turnRle(region.segmentation, orientation),
      })),
    }),
  };
}

function turnAnnotation(
  annotation: Annotation,
  turn: (point: Point) => Point,
  orientation: Orientation,
): Annotation {
  const { polygons, segmentation, bboxXywh, cropBoxXywh, pointCoords, ...rest } = annotation;
  const turned = segmentation && turnRle(segmentation, orientation);
  const outlines = polygons?.map((ring) => turnRing(ring, turn));
  return {
    ...rest,
    bboxXywh: cocoBox(turnBox(bboxXywh, turn)),
    ...(turned && { segmentation: turned }),
    ...(cropBoxXywh && { cropBoxXywh: cocoBox(turnBox(cropBoxXywh, turn)) }),
    ...(pointCoords && { pointCoords: pointCoords.map((point) => imagePoint(turn(point))) }),
    ...(turned && outlines && fills(outlines, turned) && { polygons: outlines }),
  };
}

/**
 * Turns a mask.
 *
 * @param rle of the image as it is stored
 */
export function turnRle(rle: Rle, orientation: Orientation): Rle {
  const { width, height, data } = decodeRle(rle);
  const size = turnSize({ width, height }, orientation);
  const turned = new Uint8Array(data.length);
  // Pixels are turned by their centres; each step to the right or down is the same step in the turned image.
  const placeOf = (x: number, y: number): number => {
    const [u, v] = TURNS[orientation]([x + 0.5, y + 0.5], { width, height });
    return Math.floor(v) * size.width + Math.floor(u);
  };
  const first = placeOf(0, 0);
  const right = placeOf(1, 0) - first;
  const down = placeOf(0, 1) - first;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) turned[first + x * right + y * down] = data[y * width + x]!;
  return encodeRle({ ...size, data: turned });
}

function turnBox([x, y, width, height]: BoxXywh, turn: (point: Point) => Point): BoxXywh {
  const [x0, y0] = turn([x, y]);
  const [x1, y1] = turn([x + width, y + height]);
  return [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];
}

function turnRing(ring: readonly number[], turn: (point: Point) => Point): number[] {
  const turned: number[] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) turned.push(...turn([ring[i]!, ring[i + 1]!]));
  return turned;
}

/** The COCO tools' rule favours one side of a pixel's middle, so that turned outlines may fill others. */
function fills(outlines: readonly (readonly number[])[], { size, counts }: Rle): boolean {
  const [height, width] = size;
  return cocoPolygonsToRle(outlines, { width, height }).counts === counts;
}
