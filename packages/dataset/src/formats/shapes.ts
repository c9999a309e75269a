/** Outlines as annotation tools draw them: polygons, ellipses, turned boxes, masks of runs by rows. */
import { encodeRle, mergeRles, placeRle, type Ring, type Rle, type Size } from "@segany/masks";
import { DatasetError } from "../errors.js";
import { show } from "../json/fields.js";
import { parseSegmentation, type Segmentation } from "../masks/segmentation.js";
import type { ReadTakers } from "../record.js";

/**
 * Fills a polygon by the COCO tools' rule, as most tools' own exports do.
 *
 * @param ring x, y, … in pixels
 * @throws DatasetError `annotation-invalid` for less than 3 corners and numbers that are none
 */
export function maskOfRing(
  ring: readonly number[],
  size: Size,
  where: string,
  takers: ReadTakers = {},
): Segmentation {
  return parseSegmentation([ring], size, where, takers.onLoss);
}

/** Joins masks; outlines stay where all have them. */
export function joinMasks(parts: readonly Segmentation[]): Segmentation {
  if (parts.length === 1) return parts[0]!;
  const segmentation = mergeRles(parts.map((part) => part.segmentation));
  const polygons = parts.flatMap((part) => part.polygons ?? []);
  return parts.every((part) => part.polygons) ? { segmentation, polygons } : { segmentation };
}

/** Corners so many that none is a hundredth of a pixel inside an ellipse of some thousand pixels. */
const ellipseCorners = 512;

/**
 * The corners of an ellipse.
 *
 * @param turn clockwise as seen, degrees
 */
export function ringOfEllipse(x: number, y: number, radiusX: number, radiusY: number, turn = 0): Ring {
  const ring: number[] = [];
  for (let i = 0; i < ellipseCorners; i++) {
    const angle = (2 * Math.PI * i) / ellipseCorners;
    ring.push(...turned(x, y, radiusX * Math.cos(angle), radiusY * Math.sin(angle), turn));
  }
  return ring;
}

/**
 * The corners of a turned box.
 *
 * @param pivot what it is turned about, pixels
 * @param turn clockwise as seen, degrees
 */
export function ringOfTurnedBox(
  [x, y, width, height]: readonly [number, number, number, number],
  pivot: readonly [number, number],
  turn: number,
): Ring {
  const corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ] as const;
  return corners.flatMap(([cornerX, cornerY]) =>
    turned(pivot[0], pivot[1], cornerX - pivot[0], cornerY - pivot[1], turn),
  );
}

function turned(x: number, y: number, dx: number, dy: number, turn: number): [number, number] {
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [x + dx * cos - dy * sin, y + dx * sin + dy * cos];
}

/**
 * A mask of run lengths by rows, beginning outside, that covers a box.
 *
 * @throws DatasetError `annotation-invalid` for runs that don't fill the box, and a box outside of the image
 */
export function maskOfRowRuns(
  runs: readonly number[],
  [left, top, width, height]: readonly [number, number, number, number],
  size: Size,
  where: string,
): Rle {
  const isInside =
    [left, top, width, height].every(Number.isInteger) &&
    left >= 0 &&
    top >= 0 &&
    width > 0 &&
    height > 0 &&
    left + width <= size.width &&
    top + height <= size.height;
  const total = runs.reduce((sum, run) => sum + (Number.isInteger(run) && run >= 0 ? run : Number.NaN), 0);
  if (!isInside || !(total <= width * height) || runs.length === 0)
    throw new DatasetError(
      "annotation-invalid",
      `${where}: a mask of ${total} pixels in the box ${show([left, top, width, height])} doesn't fit the image of ${size.width} x ${size.height}.`,
    );
  const data = new Uint8Array(width * height);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1) data.fill(1, at, at + run);
    at += run;
  }
  return placeRle(encodeRle({ width, height, data }), left, top, size);
}
