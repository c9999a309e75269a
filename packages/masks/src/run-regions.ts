import { type ColumnRuns, columnRunsOf, runAt, runsOfColumns } from "./column-runs.js";
import type { Accepts, ImagePoint } from "./frames.js";
import { labelRuns } from "./run-labels.js";
import { invertRuns } from "./run-operations.js";
import type { MaskRuns } from "./types.js";

/** What cleaning leaves in place however small it is. */
export interface SmallRegionOptions {
  /** Regions with one of these places (x, y) in them stay; pixel (0, 0) reaches from there to (1, 1). */
  readonly keepAt?: readonly Accepts<ImagePoint>[];
}

/** A cleaned mask; the very mask given where nothing had to change. */
export interface CleanedRuns {
  readonly runs: MaskRuns;
  readonly changed: boolean;
}

/**
 * `removeSmallRegions` on runs: the same rule, with work by the number of runs in place of that of pixels.
 *
 * @param areaThresholdPx regions of fewer pixels go
 * @returns canonical runs where they changed
 *
 * @example
 * const { runs, changed } = removeSmallRegionsOfRuns(maskToRuns(mask), 2, "islands");
 * console.log(changed, areaOfRuns(runs)); // true 8
 */
export function removeSmallRegionsOfRuns(
  mask: MaskRuns,
  areaThresholdPx: number,
  mode: "holes" | "islands",
  { keepAt = [] }: SmallRegionOptions = {},
): CleanedRuns {
  const columns = columnRunsOf(mode === "holes" ? invertRuns(mask) : mask);
  const { labels, areasPx } = labelRuns(columns, 8, mask.width);
  const small = smallRegions(areasPx, areaThresholdPx);
  // A single island that is small stays, but Meta's code says that it was changed.
  if (small.size === 0) return { runs: mask, changed: false };
  if (mode === "islands") keepLargest(small, areasPx);
  keepPlaces(small, keepAt, columns, labels);
  const kept = runsOfColumns(columns, mask, (run) => !small.has(labels[run]!));
  return { runs: mode === "holes" ? invertRuns(kept) : kept, changed: true };
}

/**
 * `cleanRegions` on runs.
 *
 * @example
 * const cleaned = cleanRegionsOfRuns(maskToRuns(mask), 2);
 * console.log(cleaned && areaOfRuns(cleaned.runs)); // 9
 */
export function cleanRegionsOfRuns(mask: MaskRuns, areaThresholdPx = 100): CleanedRuns | null {
  const largest = largestArea(labelRuns(columnRunsOf(mask), 8, mask.width).areasPx);
  if (largest === 0 || largest < areaThresholdPx) return null;
  const islands = removeSmallRegionsOfRuns(mask, areaThresholdPx, "islands");
  const holes = removeSmallRegionsOfRuns(islands.runs, areaThresholdPx, "holes");
  return { runs: holes.runs, changed: islands.changed || holes.changed };
}

function largestArea(areasPx: Uint32Array): number {
  return areasPx.reduce((largest, area) => Math.max(largest, area), 0);
}

/** The labels of regions of fewer pixels. @param areasPx by label, as in `RunLabels` */
function smallRegions(areasPx: Uint32Array, thresholdPx: number): Set<number> {
  const small = new Set<number>();
  for (let label = 1; label < areasPx.length; label++) if (areasPx[label]! < thresholdPx) small.add(label);
  return small;
}

/** When all regions are small, the first of the largest ones is not. */
function keepLargest(small: Set<number>, areasPx: Uint32Array): void {
  if (small.size === areasPx.length - 1) small.delete(areasPx.indexOf(largestArea(areasPx), 1));
}

function keepPlaces(
  small: Set<number>,
  places: readonly Accepts<ImagePoint>[],
  columns: ColumnRuns,
  labels: Uint32Array,
): void {
  for (const [x, y] of places) {
    const run = runAt(columns, Math.floor(x), Math.floor(y));
    if (run >= 0) small.delete(labels[run]!);
  }
}
