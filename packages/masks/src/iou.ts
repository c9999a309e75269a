import { checkMask, checkSameSize } from "./mask.js";
import type { Mask } from "./types.js";

/**
 * The number of inside pixels.
 *
 * @example
 * console.log(maskArea(mask)); // 9
 */
export function maskArea(mask: Mask): number {
  checkMask(mask);
  let area = 0;
  for (let i = 0; i < mask.data.length; i++) area += mask.data[i]!;
  return area;
}

/**
 * Intersection over union of two dense masks of one image; 0 when both are empty, as the COCO tools have it.
 *
 * @throws SamError `mask-invalid` when the sizes differ
 *
 * @example
 * const half = { ...mask, data: mask.data.map((value, i) => (i < 6 ? value : 0)) };
 * console.log(maskIou(mask, half)); // 0.3333333333333333
 */
export function maskIou(a: Mask, b: Mask): number {
  checkSameSize(a, b);
  let intersection = 0;
  let union = 0;
  for (let i = 0; i < a.data.length; i++) {
    intersection += a.data[i]! & b.data[i]!;
    union += a.data[i]! | b.data[i]!;
  }
  return union === 0 ? 0 : intersection / union;
}
