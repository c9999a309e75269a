import type { IgnoreRegion } from "@segany/dataset";
import { decodeRle, type Mask, mergeRles } from "@segany/masks";

/** All regions to ignore as one mask; undefined where there are none. */
export function ignoreMask(regions: readonly IgnoreRegion[]): Mask | undefined {
  if (regions.length === 0) return undefined;
  return decodeRle(mergeRles(regions.map(({ segmentation }) => segmentation)));
}

/** A mask without the pixels to ignore; the mask itself where there are none. */
export function withoutIgnored(mask: Mask, ignore: Mask | undefined): Mask {
  if (!ignore) return mask;
  return { ...mask, data: mask.data.map((value, i) => value & (ignore.data[i]! ^ 1)) };
}
