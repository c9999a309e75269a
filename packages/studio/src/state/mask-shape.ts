import { areaOfRuns, boxOfRuns, type MaskRuns } from "@segany/masks";
import type { MaskShape } from "./document.js";

/** A mask with its area and box. */
export function measureShape(segmentation: MaskRuns): MaskShape {
  return { segmentation, areaPx: areaOfRuns(segmentation), boxXywh: boxOfRuns(segmentation) };
}

/** The same; null for an empty mask. */
export function shapeOf(segmentation: MaskRuns): MaskShape | null {
  const shape = measureShape(segmentation);
  return shape.areaPx > 0 ? shape : null;
}
