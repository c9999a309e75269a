import { boxToRle, type MaskRuns, rleToRuns, type Size } from "@segany/masks";

/** A mask that fills a box of an image. @param box x, y, width, height */
export function boxToRuns(box: readonly [number, number, number, number], size: Size): MaskRuns {
  return rleToRuns(boxToRle([...box], size));
}
