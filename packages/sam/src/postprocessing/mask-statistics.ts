import { type InclusiveBoxXyxy, inclusiveBox } from "@segany/masks";
import {
  ABOVE_HIGH,
  ABOVE_LOW,
  ABOVE_MIDDLE,
  BELOW_LOW,
  isSettled,
  type LogitThresholds,
} from "./cell-classes.js";
import type { LazyCells } from "./lazy-cells.js";

/** Statistics of a mask that the generator filters by, in the original image's frame. */
export interface MaskStatistics {
  /** Pixels above the mask threshold. */
  readonly areaPx: number;
  /**
   * Pixels above threshold + offset divided by pixels above threshold - offset; NaN (0/0) if there are none.
   */
  readonly stabilityScore: number;
  /** First and last column and row of the mask, inclusive; [0, 0, 0, 0] if it is empty. */
  readonly boxXyxy: InclusiveBoxXyxy;
}

/** Running counts, reused so that a call allocates only its result. */
interface Counts {
  low: number;
  middle: number;
  high: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/**
 * Computes area, stability and box (`calculate_stability_score` and `batched_mask_to_box` of Meta's
 * repository) in one pass.
 */
export function createMaskStatistics(
  lazy: LazyCells,
): (lowRes: Float32Array, thresholds: LogitThresholds) => MaskStatistics {
  const counts: Counts = { low: 0, middle: 0, high: 0, x0: 0, y0: 0, x1: 0, y1: 0 };
  return (lowRes, thresholds) => {
    Object.assign(counts, { low: 0, middle: 0, high: 0, x0: Infinity, y0: Infinity, x1: -1, y1: -1 });
    lazy.classify(lowRes, thresholds);
    const { firstRow, endRow } = lazy.window;
    for (let row = firstRow; row < endRow; row++) {
      if ((lazy.rowBits(row) & BELOW_LOW) === 0) countRow(lazy, thresholds, row, counts);
    }
    return {
      areaPx: counts.middle,
      stabilityScore: counts.high / counts.low,
      boxXyxy: inclusiveBox(
        counts.middle === 0 ? [0, 0, 0, 0] : [counts.x0, counts.y0, counts.x1, counts.y1],
      ),
    };
  };
}

function countRow(lazy: LazyCells, thresholds: LogitThresholds, row: number, counts: Counts): void {
  const { columns, rows } = lazy;
  const [y0, y1] = [rows.start[row]!, rows.start[row + 1]!];
  const { firstColumn, endColumn } = lazy.window;
  for (let column = firstColumn; column < endColumn; column++) {
    const bits = lazy.cellBits(column, row);
    if (bits & BELOW_LOW) continue;
    const [x0, x1] = [columns.start[column]!, columns.start[column + 1]!];
    if (!isSettled(bits)) {
      lazy.computeCell(column, row);
      countTile(lazy.tile, thresholds, x0, y0, x1, y1, counts);
      continue;
    }
    const pixels = (x1 - x0) * (y1 - y0);
    if (bits & ABOVE_LOW) counts.low += pixels;
    if (bits & ABOVE_HIGH) counts.high += pixels;
    if (bits & ABOVE_MIDDLE) {
      counts.middle += pixels;
      extendBox(counts, x0, y0, x1 - 1, y1 - 1);
    }
  }
}

function countTile(
  tile: Float64Array,
  thresholds: LogitThresholds,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  counts: Counts,
): void {
  const { low, middle, high } = thresholds;
  let [aboveLow, aboveMiddle, aboveHigh, at] = [0, 0, 0, 0];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const value = tile[at++]!;
      if (value > low) aboveLow++;
      if (value > high) aboveHigh++;
      if (value > middle) {
        aboveMiddle++;
        if (x < counts.x0 || x > counts.x1 || y < counts.y0 || y > counts.y1) extendBox(counts, x, y, x, y);
      }
    }
  }
  counts.low += aboveLow;
  counts.middle += aboveMiddle;
  counts.high += aboveHigh;
}

function extendBox(counts: Counts, x0: number, y0: number, x1: number, y1: number): void {
  if (x0 < counts.x0) counts.x0 = x0;
  if (y0 < counts.y0) counts.y0 = y0;
  if (x1 > counts.x1) counts.x1 = x1;
  if (y1 > counts.y1) counts.y1 = y1;
}
