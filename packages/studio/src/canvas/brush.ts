/** Brush and eraser. */

import { type Size, type Stroke, strokeToRuns, subtractRuns, uniteRuns } from "@segany/masks";
import type { MaskShape } from "../state/document.js";
import { shapeOf } from "../state/mask-shape.js";

/**
 * Adds a stroke to a mask, or takes it away.
 *
 * @param shape null for an empty mask
 * @returns null when nothing is left
 */
export function applyStroke(
  shape: MaskShape | null,
  stroke: Stroke,
  mode: "add" | "erase",
  size: Size,
): MaskShape | null {
  const painted = strokeToRuns(stroke, size);
  switch (mode) {
    case "add":
      return shapeOf(shape ? uniteRuns(shape.segmentation, painted) : painted);
    case "erase":
      return shape && shapeOf(subtractRuns(shape.segmentation, painted));
  }
}
