import type { MaskRuns, Size } from "./types.js";

/**
 * Turns the positions where a column-major scan changes between outside and inside into canonical runs (no
 * empty run but, where the first pixel is inside, the first).
 *
 * @param changes strictly rising column-major positions in 0..pixels; one at the very end says nothing
 *
 * @example
 * // Pixels in column order: from the third to the fourth.
 * const runs = runsFromChanges(Uint32Array.of(2, 4), { width: 2, height: 3 });
 * console.log(runs.counts); // Uint32Array(3) [ 2, 2, 2 ]
 */
export function runsFromChanges(changes: Uint32Array, { width, height }: Size): MaskRuns {
  const pixels = width * height;
  const ends = changes.at(-1) === pixels ? changes.subarray(0, -1) : changes;
  const counts = new Uint32Array(ends.length + 1);
  let previous = 0;
  for (let i = 0; i < ends.length; i++) {
    counts[i] = ends[i]! - previous;
    previous = ends[i]!;
  }
  counts[ends.length] = pixels - previous;
  return { width, height, counts };
}

/**
 * A mask without a pixel inside.
 *
 * @example
 * console.log(areaOfRuns(emptyRuns({ width: 6, height: 4 }))); // 0
 */
export function emptyRuns(size: Size): MaskRuns {
  return runsFromChanges(new Uint32Array(0), size);
}
