import type { Mask } from "@segany/masks";

/**
 * Intersection over union of two masks of one image on the pixels that count; 0 when both are empty there.
 *
 * @param ignore pixels (1) that belong to neither mask, whatever the masks say: unlabelled or crowd regions
 *
 * @example
 * const ignore = { ...mask, data: mask.data.map((_, i) => (i < 6 ? 1 : 0)) };
 * const half = { ...mask, data: mask.data.map((value, i) => (i < 6 ? value : 0)) };
 * console.log(maskedIou(mask, mask), maskedIou(mask, half, ignore)); // 1 0
 */
export function maskedIou(a: Mask, b: Mask, ignore?: Mask): number {
  let intersection = 0;
  let union = 0;
  for (let i = 0; i < a.data.length; i++) {
    if (ignore && ignore.data[i] === 1) continue;
    intersection += a.data[i]! & b.data[i]!;
    union += a.data[i]! | b.data[i]!;
  }
  return union === 0 ? 0 : intersection / union;
}
