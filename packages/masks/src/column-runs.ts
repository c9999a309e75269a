import { runsFromChanges } from "./runs.js";
import type { MaskRuns, Size } from "./types.js";

/**
 * The inside pixels of a mask column by column: what regions are labelled, outlines traced and places looked
 * up in. Runs of a column are sorted and don't touch.
 */
export interface ColumnRuns {
  /** Column of the image that `starts[0]` is of: the first one with a pixel inside. */
  readonly left: number;
  /** Where each column's runs begin in `tops` and `bottoms`; one more entry than there are columns. */
  readonly starts: Uint32Array;
  /** First row of each run. */
  readonly tops: Uint32Array;
  /** Row after the last one of each run. */
  readonly bottoms: Uint32Array;
}

/**
 * Splits a mask's runs at the columns' ends, and joins those with an empty one between them.
 *
 * @example
 * const columns = columnRunsOf(maskToRuns(mask));
 * console.log(isInsideRuns(columns, 0, 0), isInsideRuns(columns, 1, 1)); // true false
 */
export function columnRunsOf({ height, counts }: MaskRuns): ColumnRuns {
  const [left, right, most] = extentOf(height, counts);
  const starts = new Uint32Array(right - left + 1);
  const tops = new Uint32Array(most);
  const bottoms = new Uint32Array(most);
  let length = 0;
  let column = left;
  let position = 0;
  for (let i = 1; i < counts.length; i += 2) {
    position += counts[i - 1]!;
    const end = position + counts[i]!;
    while (position < end) {
      const x = Math.floor(position / height);
      while (column < x) starts[++column - left] = length;
      const top = position - x * height;
      const bottom = Math.min(end - x * height, height);
      const goesOn = length > starts[x - left]! && bottoms[length - 1] === top;
      if (goesOn) bottoms[length - 1] = bottom;
      else {
        tops[length] = top;
        bottoms[length++] = bottom;
      }
      position += bottom - top;
    }
  }
  starts[right - left] = length;
  return { left, starts, tops: tops.subarray(0, length), bottoms: bottoms.subarray(0, length) };
}

/**
 * The first column inside, the one after the last, and how many pieces the runs are in at most; [0, 0, 0] for
 * none.
 */
function extentOf(height: number, counts: Uint32Array): [left: number, right: number, most: number] {
  let left = -1;
  let right = 0;
  let most = 0;
  let start = 0;
  for (let i = 1; i < counts.length; i += 2) {
    start += counts[i - 1]!;
    const end = start + counts[i]!;
    if (end > start) {
      const first = Math.floor(start / height);
      if (left < 0) left = first;
      right = Math.floor((end - 1) / height) + 1;
      most += right - first;
    }
    start = end;
  }
  return [Math.max(left, 0), right, most];
}

/**
 * The mask that some runs of columns make up.
 *
 * @param keeps asked for each run by its place in `tops`; all stay without it
 * @returns canonical runs
 */
export function runsOfColumns(
  { left, starts, tops, bottoms }: ColumnRuns,
  { width, height }: Size,
  keeps: (run: number) => boolean = () => true,
): MaskRuns {
  const changes = new Uint32Array(2 * tops.length);
  let length = 0;
  for (let column = 0; column + 1 < starts.length; column++) {
    const offset = (left + column) * height;
    for (let run = starts[column]!; run < starts[column + 1]!; run++) {
      if (!keeps(run)) continue;
      const from = offset + tops[run]!;
      // A run that goes on over the end of its column goes on.
      if (changes[length - 1] === from) length--;
      else changes[length++] = from;
      changes[length++] = offset + bottoms[run]!;
    }
  }
  return runsFromChanges(changes.subarray(0, length), { width, height });
}

/**
 * The last run of a column that begins at or above row `y`, or -1.
 *
 * @param column counted from `left`
 */
export function runAtOrAbove({ starts, tops }: ColumnRuns, column: number, y: number): number {
  const first = starts[column] ?? 0; // a column beyond has no runs
  let low = first;
  let high = starts[column + 1] ?? first;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle]! <= y) low = middle + 1;
    else high = middle;
  }
  return low > first ? low - 1 : -1;
}

/** The run that pixel (x, y) lies in, or -1 where it is outside. */
export function runAt(runs: ColumnRuns, x: number, y: number): number {
  const run = runAtOrAbove(runs, x - runs.left, y);
  return y < (runs.bottoms[run] ?? y) ? run : -1;
}

/**
 * Whether pixel (x, y) is inside.
 *
 * @example
 * const columns = columnRunsOf(maskToRuns(mask));
 * console.log(isInsideRuns(columns, 5, 1)); // true
 */
export function isInsideRuns(runs: ColumnRuns, x: number, y: number): boolean {
  return runAt(runs, x, y) >= 0;
}
