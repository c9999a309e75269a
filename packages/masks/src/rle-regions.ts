import { keepLargest, smallRegions } from "./regions.js";
import { packCounts } from "./rle-string.js";
import { labelRuns, type RowRuns } from "./row-runs.js";
import { runsFromChanges, runsOf } from "./runs.js";
import type { AnyRle, Point, Rle } from "./types.js";

/** What `removeSmallRegionsRle` leaves in place however small it is. */
export interface SmallRegionOptions {
  /** Regions with one of these places (x, y) in them stay; pixel (0, 0) reaches from there to (1, 1). */
  readonly keepAt?: readonly Point[];
}

/**
 * `removeSmallRegions` on run lengths: the same rule, with work by the number of runs instead of that of pixels.
 *
 * @param areaThresholdPx regions of fewer pixels go
 * @returns canonical runs; equal to those given where nothing had to change
 * @throws SamError `rle-invalid`
 */
export function removeSmallRegionsRle(
  rle: AnyRle,
  areaThresholdPx: number,
  mode: "holes" | "islands",
  { keepAt = [] }: SmallRegionOptions = {},
): Rle {
  const [height, width] = rle.size;
  const columns = columnsOf(runsOf(rle), height, width, mode === "holes" ? 0 : 1);
  const blocksPerRow = Math.ceil(width / 2);
  const regions = labelRuns(columns, 8, (x, y) => (y >> 1) * blocksPerRow + (x >> 1));
  const small = smallRegions(regions.areasPx, areaThresholdPx);
  if (mode === "islands") keepLargest(small, regions.areasPx);
  for (const place of keepAt) {
    const run = runAt(columns, place);
    if (run !== null) small.delete(regions.labels[run]!);
  }
  const changes = changesOf(columns, height, (run) => !small.has(regions.labels[run]!));
  const pixels = height * width;
  const runs = runsFromChanges(mode === "holes" ? turnedOver(changes) : changes, pixels);
  return { size: [height, width], counts: packCounts(runs) };
}

/** The runs of each column whose pixels have a value. */
function columnsOf(runs: Uint32Array, height: number, width: number, value: 0 | 1): RowRuns {
  const rowStarts = new Uint32Array(width + 1);
  const starts: number[] = [];
  const ends: number[] = [];
  let position = 0;
  let column = 0;
  for (let i = 0; i < runs.length; i++) {
    const end = position + runs[i]!;
    for (let from = position; (i & 1) === value && from < end; ) {
      const x = Math.floor(from / height);
      while (column < x) rowStarts[++column] = starts.length;
      const to = Math.min(end, (x + 1) * height);
      const isOn = starts.length > rowStarts[column]! && ends.at(-1) === from - x * height;
      // Runs with an empty one between them are one run.
      if (isOn) ends[ends.length - 1] = to - x * height;
      else {
        starts.push(from - x * height);
        ends.push(to - x * height);
      }
      from = to;
    }
    position = end;
  }
  rowStarts.fill(starts.length, column + 1);
  return { rowStarts, starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}

/** The run that a place lies in. */
function runAt({ rowStarts, starts, ends }: RowRuns, [x, y]: Point): number | null {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || column + 1 >= rowStarts.length) return null;
  for (let run = rowStarts[column]!; run < rowStarts[column + 1]!; run++)
    if (starts[run]! <= row && row < ends[run]!) return run;
  return null;
}

/** Where a column-major scan enters and leaves the runs that stay. */
function changesOf(
  { rowStarts, starts, ends }: RowRuns,
  height: number,
  stays: (run: number) => boolean,
): Uint32Array {
  const changes = new Uint32Array(2 * starts.length);
  let length = 0;
  for (let x = 0; x + 1 < rowStarts.length; x++) {
    for (let run = rowStarts[x]!; run < rowStarts[x + 1]!; run++) {
      if (!stays(run)) continue;
      const from = x * height + starts[run]!;
      // A run that goes on over the end of its column goes on.
      if (length > 0 && changes[length - 1] === from) length--;
      else changes[length++] = from;
      changes[length++] = x * height + ends[run]!;
    }
  }
  return changes.subarray(0, length);
}

/** The same changes of a scan that is inside where this one is outside. */
function turnedOver(changes: Uint32Array): Uint32Array {
  return changes[0] === 0 ? changes.subarray(1) : Uint32Array.of(0, ...changes);
}
