import { SamError } from "./errors.js";
import type { Accepts, CocoBoxXywh } from "./frames.js";
import { runsToRle } from "./rle.js";
import { uniteRuns } from "./run-operations.js";
import { emptyRuns, runsFromChanges } from "./runs.js";
import type { MaskRuns, Rle, Size } from "./types.js";

/** The COCO tools work on a grid this many times finer than the pixels. */
const scale = 5;
/** Coordinates beyond this overflow the COCO tools' 32-bit numbers; nothing says what they would draw. */
const maxCoordinate = 400_000_000;

/**
 * Fills polygons by the COCO tools' own rule and joins them, as they do for an annotation with several
 * polygons. Their rule: corners are rounded to a grid of fifths of a pixel, edges are drawn on it with whole
 * numbers, and a column's mask changes where an edge crosses that column's centre line, rounded to a row.
 * Overlaps within a polygon are even-odd.
 *
 * @param polygons each x0, y0, x1, y1, … in pixels; corners may lie outside the image
 * @param size the image in pixels
 * @throws SamError `mask-invalid` for fewer than three corners, half a corner, or a coordinate that is no
 *   usable number
 *
 * @example
 * const rle = cocoPolygonsToRle([[1, 1, 4, 1, 4, 3, 1, 3]], { width: 6, height: 4 });
 * console.log(rleArea(rle)); // 6
 */
export function cocoPolygonsToRle(polygons: readonly (readonly number[])[], size: Size): Rle {
  return runsToRle(cocoPolygonsToRuns(polygons, size));
}

/**
 * `cocoPolygonsToRle`, giving the mask as it is in memory.
 *
 * @example
 * const runs = cocoPolygonsToRuns([[1, 1, 4, 1, 4, 3, 1, 3]], { width: 6, height: 4 });
 * console.log(runs.counts.join(" ")); // 5 2 2 2 2 2 9
 */
export function cocoPolygonsToRuns(polygons: readonly (readonly number[])[], size: Size): MaskRuns {
  polygons.forEach(checkPolygon);
  return polygons.reduce((mask, polygon) => uniteRuns(mask, polygonToRuns(polygon, size)), emptyRuns(size));
}

/**
 * A box as a mask by the same rule, as the COCO tools turn boxes into RLE. A box of whole numbers gives
 * exactly its pixels.
 *
 * @param boxXywh pixels, with or without fractions
 * @param size the image in pixels
 *
 * @example
 * console.log(boxToRle([1, 1, 3, 2], { width: 6, height: 4 })); // { size: [ 4, 6 ], counts: '5220007' }
 */
export function boxToRle([x, y, width, height]: Accepts<CocoBoxXywh>, size: Size): Rle {
  const [right, bottom] = [x + width, y + height];
  return cocoPolygonsToRle([[x, y, x, bottom, right, bottom, right, y]], size);
}

function checkPolygon(polygon: readonly number[], index: number): void {
  if (polygon.length < 6 || polygon.length % 2 !== 0) {
    throw new SamError(
      "mask-invalid",
      `Polygon ${index} has ${polygon.length} coordinates; at least three corners of x and y are needed.`,
    );
  }
  const bad = polygon.findIndex((value) => !(Math.abs(value) <= maxCoordinate));
  if (bad >= 0) {
    throw new SamError(
      "mask-invalid",
      `Coordinate ${bad} of polygon ${index} is ${String(polygon[bad])}; it must be a number of at most ${maxCoordinate}.`,
    );
  }
}

/** Its runs may be empty, where two edges cross a column at one place; a union leaves those out. */
function polygonToRuns(polygon: readonly number[], { width, height }: Size): MaskRuns {
  const fine = polygon.map((value) => Math.trunc(scale * value + 0.5));
  const positions: number[] = [];
  for (let i = 0; i < fine.length; i += 2) {
    const next = (i + 2) % fine.length;
    crossEdge(fine[i]!, fine[i + 1]!, fine[next]!, fine[next + 1]!, { width, height }, positions);
  }
  return runsFromChanges(Uint32Array.from(positions).sort(), { width, height });
}

/** Adds the column-major position of each column centre line that an edge of the fine grid crosses. */
function crossEdge(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  { width, height }: Size,
  positions: number[],
): void {
  const [x0, y0, x1, y1] = ax <= bx ? [ax, ay, bx, by] : [bx, by, ax, ay];
  const rowAtCrossing = x1 - x0 >= Math.abs(y1 - y0) ? flatEdge(x0, y0, x1, y1) : steepEdge(x0, y0, x1, y1);
  // A column's centre line lies between the fine columns 5c + 2 and 5c + 3.
  const firstColumn = Math.max(0, Math.ceil((x0 - 2) / scale));
  const lastColumn = Math.min(width - 1, Math.floor((x1 - 3) / scale));
  for (let column = firstColumn; column <= lastColumn; column++) {
    const fineRow = rowAtCrossing(scale * column + 2);
    const row = Math.ceil((fineRow + 0.5) / scale - 0.5);
    positions.push(column * height + Math.min(Math.max(row, 0), height));
  }
}

/**
 * An edge with a point in each fine column. Gives the upper fine row of the points in columns `left` and
 * `left + 1`.
 */
function flatEdge(x0: number, y0: number, x1: number, y1: number): (left: number) => number {
  const slope = (y1 - y0) / (x1 - x0);
  const rowAt = (step: number): number => Math.trunc(y0 + slope * step + 0.5);
  return (left) => Math.min(rowAt(left - x0), rowAt(left - x0 + 1));
}

/**
 * An edge with a point in each fine row. Gives the upper fine row of the two points between which it goes on
 * from column `left`.
 */
function steepEdge(x0: number, y0: number, x1: number, y1: number): (left: number) => number {
  // The COCO tools walk steep edges downwards, which decides how halves are rounded.
  const [topX, topY, bottomX, bottomY] = y0 <= y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
  const slope = (bottomX - topX) / (bottomY - topY);
  const columnAt = (step: number): number => Math.trunc(topX + slope * step + 0.5);
  const crossed = (step: number, left: number): boolean =>
    slope > 0 ? columnAt(step) > left : columnAt(step) <= left;
  return (left) => {
    // The step at which the line is there, and from it to the first that has crossed after rounding.
    // Stryker disable next-line ArithmeticOperator: any other step to begin with only takes longer.
    let step = Math.round((left + 0.5 - topX) / slope);
    while (!crossed(step, left)) step++;
    // Stryker disable next-line ConditionalExpression: only for edges so long that rounding spans steps.
    while (crossed(step - 1, left)) step--;
    return topY + step - 1;
  };
}
