import { checkMask } from "./mask.js";
import { findChanges } from "./mask-changes.js";
import { runsFromChanges } from "./runs.js";
import type { Mask, MaskRuns } from "./types.js";

/**
 * The runs of a dense mask, canonical.
 *
 * @throws SamError `mask-invalid` when the data has the wrong length or values other than 0 and 1
 *
 * @example
 * const right = { width: 2, height: 2, data: Uint8Array.of(0, 1, 0, 1) };
 * console.log(maskToRuns(right).counts); // Uint32Array(2) [ 2, 2 ]
 */
export function maskToRuns(mask: Mask): MaskRuns {
  checkMask(mask);
  return runsFromChanges(findChanges(mask), mask);
}

/**
 * The dense mask of runs: a byte for each pixel.
 *
 * @example
 * const right = { width: 2, height: 2, counts: Uint32Array.of(2, 2) };
 * console.log(runsToMask(right).data); // Uint8Array(4) [ 0, 1, 0, 1 ]
 */
export function runsToMask(runs: MaskRuns): Mask {
  const { width, height } = runs;
  const data = new Uint8Array(width * height);
  paintRuns(data, runs);
  return { width, height, data };
}

/**
 * Marks where each column changes and then carries the marks down row by row, which walks memory in order;
 * filling column by column would jump a row's length for each pixel.
 */
function paintRuns(data: Uint8Array, { width, height, counts: runs }: MaskRuns): void {
  let left = width;
  let right = 0;
  let top = height;
  let bottom = 0;
  let start = 0;
  for (let i = 1; i < runs.length; i += 2) {
    start += runs[i - 1]!;
    const end = start + runs[i]!;
    if (end === start) continue;
    const firstX = Math.floor(start / height);
    const lastX = Math.floor((end - 1) / height);
    const startY = start - firstX * height;
    const endY = end - lastX * height;
    data[startY * width + firstX]! ^= 1;
    for (let x = firstX + 1; x <= lastX; x++) data[x]! ^= 1;
    data[endY * width + lastX]! ^= 1; // below the last row, past the end: nothing is written
    const oneColumn = firstX === lastX;
    left = Math.min(left, firstX);
    right = Math.max(right, lastX + 1);
    top = Math.min(top, oneColumn ? startY : 0);
    bottom = Math.max(bottom, oneColumn ? endY : height);
    start = end;
  }
  carryDown(data, width, left, right, top + 1, Math.min(bottom + 1, height));
}

/** Joins each row's marks with the row above, from column `left` to before `right`, four pixels at a time. */
function carryDown(
  data: Uint8Array,
  width: number,
  left: number,
  right: number,
  top: number,
  bottom: number,
): void {
  const view = new DataView(data.buffer);
  for (let y = top; y < bottom; y++) {
    let i = y * width + left;
    const end = y * width + right;
    for (; i + 4 <= end; i += 4) {
      view.setInt32(i, view.getInt32(i, true) ^ view.getInt32(i - width, true), true);
    }
    for (; i < end; i++) data[i]! ^= data[i - width]!;
  }
}
