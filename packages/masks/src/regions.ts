import { type Connectivity, type LabelledRuns, labelRowRuns } from "./row-runs.js";
import type { Mask } from "./types.js";

/** A dense map of connected regions. */
export interface LabelledRegions {
  /** The number of regions, without the background. */
  readonly count: number;
  /** For each pixel, row-major, its region 1..count, or 0 outside. */
  readonly labels: Int32Array;
  /** Pixels of each region by its label; index 0 is the background. */
  readonly areasPx: Uint32Array;
}

/**
 * Labels the connected regions of a mask, numbered as OpenCV's `connectedComponents` does: by their first pixel in row
 * order (with 8 neighbours, by their first block of 2x2 pixels).
 */
export function labelRegions(
  mask: Mask,
  { connectivity = 8 }: { connectivity?: Connectivity } = {},
): LabelledRegions {
  const runs = labelRowRuns(mask, connectivity);
  const labels = new Int32Array(mask.width * mask.height);
  forEachRun(runs, mask, (start, end, label) => labels.fill(label, start, end));
  const areasPx = runs.areasPx.slice();
  areasPx[0] = labels.length - areasPx.reduce((sum, area) => sum + area, 0);
  return { count: areasPx.length - 1, labels, areasPx };
}

/** A cleaned mask; the very mask given where nothing had to change. */
export interface CleanedMask {
  readonly mask: Mask;
  readonly changed: boolean;
}

/**
 * Fills small holes or removes small islands, as `remove_small_regions` in Meta's repository: regions hang together by
 * sides and corners, a hole may lie at the image's border, and when every island is small the largest stays (of equal
 * ones the first by OpenCV's numbering).
 *
 * @param areaThresholdPx regions of fewer pixels go
 */
export function removeSmallRegions(
  mask: Mask,
  areaThresholdPx: number,
  mode: "holes" | "islands",
): CleanedMask {
  const removed = mode === "holes" ? 0 : 1;
  const runs = labelRowRuns(mask, 8, removed);
  const small = smallRegions(runs.areasPx, areaThresholdPx);
  // A single island that is small stays, but Meta's code says that it was changed.
  if (small.size === 0) return { mask, changed: false };
  if (mode === "islands") keepLargest(small, runs.areasPx);
  return { mask: repaint(mask, runs, small, removed === 0 ? 1 : 0), changed: true };
}

/**
 * Cleans a mask by the paper's rule (appendix B): components of fewer pixels are removed, the whole mask when its
 * largest is that small, and then holes of fewer pixels are filled. The paper leaves the neighbourhood open; as in Meta's
 * repository regions hang together by sides and corners.
 *
 * @param areaThresholdPx 100 in the paper
 * @returns null when nothing is left
 */
export function cleanRegions(mask: Mask, areaThresholdPx = 100): CleanedMask | null {
  const { areasPx } = labelRowRuns(mask, 8);
  const largest = largestArea(areasPx);
  if (largest === 0 || largest < areaThresholdPx) return null;
  const islands = removeSmallRegions(mask, areaThresholdPx, "islands");
  const holes = removeSmallRegions(islands.mask, areaThresholdPx, "holes");
  return { mask: holes.mask, changed: islands.changed || holes.changed };
}

function largestArea(areasPx: Uint32Array): number {
  return areasPx.reduce((largest, area) => Math.max(largest, area), 0);
}

/** The labels of regions of fewer pixels. @param areasPx by label, as in `LabelledRuns` */
export function smallRegions(areasPx: Uint32Array, thresholdPx: number): Set<number> {
  const small = new Set<number>();
  for (let label = 1; label < areasPx.length; label++) if (areasPx[label]! < thresholdPx) small.add(label);
  return small;
}

/** When all regions are small, the first of the largest ones is not. */
export function keepLargest(small: Set<number>, areasPx: Uint32Array): void {
  if (small.size === areasPx.length - 1) small.delete(areasPx.indexOf(largestArea(areasPx), 1));
}

function repaint(mask: Mask, runs: LabelledRuns, regions: ReadonlySet<number>, value: 0 | 1): Mask {
  const data = mask.data.slice();
  forEachRun(runs, mask, (start, end, label) => {
    if (regions.has(label)) data.fill(value, start, end);
  });
  return { width: mask.width, height: mask.height, data };
}

/** Calls back with the row-major positions [start, end) and the label of each run. */
function forEachRun(
  { rowStarts, starts, ends, labels }: LabelledRuns,
  { width, height }: Mask,
  visit: (start: number, end: number, label: number) => void,
): void {
  for (let y = 0; y < height; y++) {
    for (let run = rowStarts[y]!; run < rowStarts[y + 1]!; run++) {
      visit(y * width + starts[run]!, y * width + ends[run]!, labels[run]!);
    }
  }
}
