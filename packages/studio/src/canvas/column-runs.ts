/** A mask as its runs column by column: what outlines are traced from, and places are looked up in. */

import { type AnyRle, decompressRle, type Rle } from "@segany/masks";

/** Inside pixels, column by column; runs of a column are sorted and don't touch. */
export interface ColumnRuns {
  /** Column of the image that `starts[0]` is of. */
  readonly left: number;
  /** Where each column's runs begin in `tops` and `bottoms`; one more entry than there are columns. */
  readonly starts: Uint32Array;
  /** First row of each run. */
  readonly tops: Int32Array;
  /** Row after the last one of each run. */
  readonly bottoms: Int32Array;
}

const known = new WeakMap<Rle, ColumnRuns>();

/** The runs of a mask, kept for as long as its RLE lives. */
export function columnRunsOf(rle: Rle): ColumnRuns {
  const cached = known.get(rle);
  if (cached) return cached;
  const runs = splitByColumns(rle);
  known.set(rle, runs);
  return runs;
}

/**
 * Splits column-major run lengths at the columns' ends.
 *
 * @throws SamError `rle-invalid`
 */
export function splitByColumns(rle: AnyRle): ColumnRuns {
  const height = rle.size[0];
  const counts = typeof rle.counts === "string" ? decompressRle(rle as Rle).counts : rle.counts;
  const columns: number[] = [];
  const tops: number[] = [];
  const bottoms: number[] = [];
  let start = 0;
  for (let i = 1; i < counts.length; i += 2) {
    start += counts[i - 1]!;
    const end = start + counts[i]!;
    for (let from = start; from < end; ) {
      const column = Math.floor(from / height);
      const to = Math.min(end, (column + 1) * height);
      const top = from - column * height;
      // Runs with an empty one between them are one run.
      if (columns.at(-1) === column && bottoms.at(-1) === top)
        bottoms[bottoms.length - 1] = to - column * height;
      else {
        columns.push(column);
        tops.push(top);
        bottoms.push(to - column * height);
      }
      from = to;
    }
    start = end;
  }
  return {
    left: columns[0] ?? 0,
    starts: startsOf(columns),
    tops: Int32Array.from(tops),
    bottoms: Int32Array.from(bottoms),
  };
}

/** @param columns the column of each run, rising */
function startsOf(columns: readonly number[]): Uint32Array {
  const left = columns[0];
  if (left === undefined) return new Uint32Array(1);
  const starts = new Uint32Array(columns.at(-1)! - left + 2);
  for (const column of columns) starts[column - left + 1]! += 1;
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  return starts;
}

/** The last run of a column that begins at or above row `y`, or -1. `column` counts from the mask's first one. */
export function runAtOrAbove({ starts, tops }: ColumnRuns, column: number, y: number): number {
  if (column < 0 || column + 1 >= starts.length) return -1;
  const first = starts[column]!;
  let low = first;
  let high = starts[column + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle]! <= y) low = middle + 1;
    else high = middle;
  }
  return low > first ? low - 1 : -1;
}

/** Whether pixel (x, y) is inside. */
export function isInsideRuns(runs: ColumnRuns, x: number, y: number): boolean {
  const run = runAtOrAbove(runs, x - runs.left, y);
  return run >= 0 && y < runs.bottoms[run]!;
}
