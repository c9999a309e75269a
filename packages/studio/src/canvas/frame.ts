/** What all layers of the stage are drawn with. */

import type { Size } from "@segany/masks";
import type { View } from "../state/types.js";

/** Where the image lies, and how fine the screen is. */
export interface Frame {
  readonly view: View;
  /** CSS pixels. */
  readonly stage: Size;
  /** Pixels of the canvas for each CSS pixel (`devicePixelRatio`). */
  readonly pixelRatio: number;
}

/** A canvas's context, of the page or of none. */
export type Context2d = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** From here on drawing is in pixels of the image. */
export function inImagePixels(context: Context2d, { view, pixelRatio }: Frame): void {
  const scale = view.scale * pixelRatio;
  context.setTransform(scale, 0, 0, scale, view.offsetX * pixelRatio, view.offsetY * pixelRatio);
}

/** From here on drawing is in CSS pixels of the stage. */
export function inScreenPixels(context: Context2d, { pixelRatio }: Frame): void {
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
}

/** Empties a canvas; drawing is in its own pixels then. */
export function clearCanvas(context: Context2d): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}
