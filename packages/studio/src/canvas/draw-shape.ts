/** One mask over the image: its area tinted, its outline drawn. */

import type { MaskRuns } from "@segany/masks";
import type { Rgb } from "@segany/sam";
import { cssColour, SHADE } from "./colours.js";
import { type Context2d, type Frame, inImagePixels } from "./frame.js";
import { outlinePath } from "./outline.js";

export interface ShapeStyle {
  readonly colour: Rgb;
  /** How much of the image the tint hides, 0 to 1. */
  readonly opacity: number;
  /** Width of the outline, CSS pixels. */
  readonly linePx: number;
  /** A dark line under the outline, for what has to be seen on any image. */
  readonly shaded?: boolean;
  /** Lengths of dashes and gaps, CSS pixels. */
  readonly dashPx?: readonly number[];
}

export function drawShape(context: Context2d, segmentation: MaskRuns, style: ShapeStyle, frame: Frame): void {
  const { scale } = frame.view;
  const path = outlinePath(segmentation, scale * frame.pixelRatio);
  inImagePixels(context, frame);
  if (style.opacity > 0) {
    context.fillStyle = cssColour(style.colour, style.opacity);
    context.fill(path, "evenodd");
  }
  if (style.linePx === 0) return;
  context.lineJoin = "round";
  if (style.shaded) {
    context.strokeStyle = cssColour(SHADE, 0.55);
    context.lineWidth = (style.linePx + 2) / scale;
    context.stroke(path);
  }
  context.setLineDash((style.dashPx ?? []).map((length) => length / scale));
  context.strokeStyle = cssColour(style.colour);
  context.lineWidth = style.linePx / scale;
  context.stroke(path);
  context.setLineDash([]);
}
