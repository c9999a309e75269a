/**
 * Brush and eraser at work: the stroke before it has become part of the mask, and the ring that shows the
 * brush's size.
 */

import type { Stroke } from "@segany/masks";
import { cssColour, DRAFT_COLOUR, REMOVE_COLOUR, SHADE, WHITE } from "./colours.js";
import { type Context2d, type Frame, inImagePixels, inScreenPixels } from "./frame.js";
import type { ScreenPoint } from "./view.js";

/**
 * Shows the draft, which is drawn already, as the stroke will leave it.
 *
 * @param opacity of the draft's tint, 0 to 1
 */
export function drawStroke(
  context: Context2d,
  { points, diameterPx }: Stroke,
  mode: "add" | "erase",
  opacity: number,
  frame: Frame,
): void {
  inImagePixels(context, frame);
  const line = new Path2D();
  const [first] = points;
  if (!first) return;
  line.moveTo(first[0], first[1]);
  // A line of no length is drawn as a dot only when it is drawn to its own beginning.
  for (const [x, y] of points) line.lineTo(x, y);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = diameterPx;
  // The tint is taken off before it is laid on again: two layers of it would be darker.
  context.globalCompositeOperation = "destination-out";
  context.strokeStyle = cssColour(SHADE);
  context.stroke(line);
  context.globalCompositeOperation = "source-over";
  if (mode === "add") {
    context.strokeStyle = cssColour(DRAFT_COLOUR, opacity);
    context.stroke(line);
  }
  context.lineCap = "butt";
}

/** The brush's rim. @param diameterPx pixels of the image */
export function drawBrushCursor(
  context: Context2d,
  [x, y]: ScreenPoint,
  diameterPx: number,
  mode: "add" | "erase",
  frame: Frame,
): void {
  inScreenPixels(context, frame);
  const radius = Math.max(2, (diameterPx * frame.view.scale) / 2);
  for (const [linePx, colour] of [
    [3.5, cssColour(SHADE, 0.6)],
    [1.5, cssColour(mode === "add" ? WHITE : REMOVE_COLOUR)],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = linePx;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}
