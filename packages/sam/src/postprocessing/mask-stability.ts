import { ABOVE_HIGH, ABOVE_LOW, BELOW_HIGH, BELOW_LOW, isSettled } from "./cell-classes.js";
import type { LazyCells } from "./lazy-cells.js";

/** The stability of a mask, or a bound. */
export interface Stability {
  /**
   * Pixels above threshold + offset divided by pixels above threshold - offset; NaN (0/0) if there are none.
   */
  readonly score: number;
  /** If false, the true score is at most this one. */
  readonly isExact: boolean;
}

/** Pixels counted so far, and how many the undecided cells can still add. */
interface Counts {
  low: number;
  high: number;
  /** May be above both thresholds. */
  openBoth: number;
  /** Are above the low threshold and counted there, and may be above the high one. */
  openHigh: number;
}

/**
 * Computes the score of `calculate_stability_score` (Meta's repository). For a mask that is certainly below
 * `floor`, counting ends with an upper bound: most unstable masks are detected before a single pixel is
 * computed.
 */
export function createMaskStability(
  lazy: LazyCells,
): (lowRes: Float32Array, low: number, high: number, floor: number) => Stability {
  const openCells = new Int32Array(lazy.columns.count * lazy.rows.count);
  const counts: Counts = { low: 0, high: 0, openBoth: 0, openHigh: 0 };
  return (lowRes, low, high, floor) => {
    Object.assign(counts, { low: 0, high: 0, openBoth: 0, openHigh: 0 });
    lazy.classify(lowRes, { low, middle: low, high });
    const open = countSettled(lazy, openCells, counts);
    for (let i = 0; i < open; i++) {
      const score = highestScore(counts);
      if (score < floor) return { score, isExact: false };
      countCell(lazy, openCells[i]!, low, high, counts);
    }
    return { score: highestScore(counts), isExact: true };
  };
}

/** The score if all undecided pixels were above the high threshold; the exact score if there are none. */
function highestScore({ low, high, openBoth, openHigh }: Counts): number {
  return (high + openBoth + openHigh) / (low + openBoth);
}

/** Counts decided cells and lists the undecided ones; returns the number of the latter. */
function countSettled(lazy: LazyCells, openCells: Int32Array, counts: Counts): number {
  const { columns, rows } = lazy;
  const { firstColumn, endColumn, firstRow, endRow } = lazy.window;
  let open = 0;
  for (let row = firstRow; row < endRow; row++) {
    if (lazy.rowBits(row) & BELOW_LOW) continue;
    const height = rows.start[row + 1]! - rows.start[row]!;
    for (let column = firstColumn; column < endColumn; column++) {
      const bits = lazy.cellBits(column, row);
      if (bits & BELOW_LOW) continue;
      const pixels = height * (columns.start[column + 1]! - columns.start[column]!);
      if (bits & ABOVE_LOW) counts.low += pixels;
      if (bits & ABOVE_HIGH) counts.high += pixels;
      if (isSettled(bits)) continue;
      openCells[open++] = row * columns.count + column;
      addOpen(counts, bits, pixels);
    }
  }
  return open;
}

function addOpen(counts: Counts, bits: number, pixels: number): void {
  if (bits & BELOW_HIGH) return;
  if (bits & ABOVE_LOW) counts.openHigh += pixels;
  else counts.openBoth += pixels;
}

/** Counts the pixels of one undecided cell. */
function countCell(lazy: LazyCells, cell: number, low: number, high: number, counts: Counts): void {
  const { columns, rows, tile } = lazy;
  const column = cell % columns.count;
  const row = (cell - column) / columns.count;
  const bits = lazy.cellBits(column, row);
  const pixels =
    (rows.start[row + 1]! - rows.start[row]!) * (columns.start[column + 1]! - columns.start[column]!);
  addOpen(counts, bits, -pixels);
  lazy.computeCell(column, row);
  let [aboveLow, aboveHigh] = [0, 0];
  for (let i = 0; i < pixels; i++) {
    if (tile[i]! > low) aboveLow++;
    if (tile[i]! > high) aboveHigh++;
  }
  if (!(bits & ABOVE_LOW)) counts.low += aboveLow;
  counts.high += aboveHigh;
}
