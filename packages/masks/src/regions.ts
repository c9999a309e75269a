import { type ColumnRuns, columnRunsOf, runAt } from "./column-runs.js";
import { maskToRuns, runsToMask } from "./dense-runs.js";
import { type Connectivity, labelRuns } from "./run-labels.js";
import { type CleanedRuns, cleanRegionsOfRuns, removeSmallRegionsOfRuns } from "./run-regions.js";
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
 * Labels the connected regions of a mask, numbered as OpenCV's `connectedComponents` does: by their first
 * pixel in row order (with 8 neighbours, by their first block of 2x2 pixels).
 *
 * @example
 * console.log(labelRegions(mask).areasPx.join(" ")); // 15 8 1
 */
export function labelRegions(
  mask: Mask,
  { connectivity = 8 }: { connectivity?: Connectivity } = {},
): LabelledRegions {
  const columns = columnRunsOf(maskToRuns(mask));
  const regions = labelRuns(columns, connectivity, mask.width);
  const labels = paintLabels(mask, columns, regions.labels);
  const areasPx = regions.areasPx.slice();
  areasPx[0] = labels.length - areasPx.reduce((sum, area) => sum + area, 0);
  return { count: areasPx.length - 1, labels, areasPx };
}

/** Fills row by row, which walks memory in order: all pixels of a run of a row are of one region. */
function paintLabels({ width, data }: Mask, columns: ColumnRuns, runLabels: Uint32Array): Int32Array {
  const labels = new Int32Array(data.length);
  for (let at = data.indexOf(1); at >= 0; ) {
    const next = data.indexOf(0, at);
    const end = next < 0 ? data.length : next;
    while (at < end) {
      const y = Math.floor(at / width);
      const rowEnd = Math.min(end, (y + 1) * width);
      labels.fill(runLabels[runAt(columns, at - y * width, y)]!, at, rowEnd);
      at = rowEnd;
    }
    at = data.indexOf(1, end);
  }
  return labels;
}

/** A cleaned mask; the very mask given where nothing had to change. */
export interface CleanedMask {
  readonly mask: Mask;
  readonly changed: boolean;
}

/**
 * Fills small holes or removes small islands, as `remove_small_regions` in Meta's repository: regions hang
 * together by sides and corners, a hole may lie at the image's border, and when every island is small the
 * largest stays (of equal ones the first by OpenCV's numbering).
 *
 * @param areaThresholdPx regions of fewer pixels go
 *
 * @example
 * const { mask: filled, changed } = removeSmallRegions(mask, 2, "holes");
 * console.log(changed, maskArea(filled)); // true 10
 */
export function removeSmallRegions(
  mask: Mask,
  areaThresholdPx: number,
  mode: "holes" | "islands",
): CleanedMask {
  return toDense(mask, removeSmallRegionsOfRuns(maskToRuns(mask), areaThresholdPx, mode));
}

/**
 * Cleans a mask by the paper's rule (appendix B): components of fewer pixels are removed, the whole mask when
 * its largest is that small, and then holes of fewer pixels are filled. The paper leaves the neighbourhood
 * open; as in Meta's repository regions hang together by sides and corners.
 *
 * @param areaThresholdPx 100 in the paper
 * @returns null when nothing is left
 *
 * @example
 * const cleaned = cleanRegions(mask, 2); // without the hole and the island
 * console.log(cleaned && maskArea(cleaned.mask)); // 9
 */
export function cleanRegions(mask: Mask, areaThresholdPx = 100): CleanedMask | null {
  const cleaned = cleanRegionsOfRuns(maskToRuns(mask), areaThresholdPx);
  return cleaned && toDense(mask, cleaned);
}

function toDense(mask: Mask, { runs, changed }: CleanedRuns): CleanedMask {
  return { mask: changed ? runsToMask(runs) : mask, changed };
}
