/** The lowest layer: the image, with lines between its pixels where those are large. */

import type { Size } from "@segany/masks";
import { cssColour, SHADE, WHITE } from "./colours.js";
import { type Context2d, clearCanvas, type Frame } from "./frame.js";
import { levelFor, type Pyramid } from "./pyramid.js";
import { PIXEL_GRID_SCALE, visibleBoxXywh } from "./view.js";

/** The grid is at its strongest at this many times `PIXEL_GRID_SCALE`. */
const GRID_FADE = 2;

/** Draws the image of a pyramid; enlarged pixels stay sharp. @param size pixels of the image */
export function paintImage(context: Context2d, pyramid: Pyramid, size: Size, frame: Frame): void {
  clearCanvas(context);
  const { view, stage, pixelRatio } = frame;
  const [x, y, width, height] = visibleBoxXywh(view, size, stage);
  if (width === 0) return;
  const scale = view.scale * pixelRatio;
  const bitmap = levelFor(pyramid, scale);
  const shrunkX = bitmap.width / size.width;
  const shrunkY = bitmap.height / size.height;
  context.imageSmoothingEnabled = scale < 1;
  context.imageSmoothingQuality = "low";
  context.drawImage(
    bitmap,
    x * shrunkX,
    y * shrunkY,
    width * shrunkX,
    height * shrunkY,
    x * scale + view.offsetX * pixelRatio,
    y * scale + view.offsetY * pixelRatio,
    width * scale,
    height * scale,
  );
  if (view.scale >= PIXEL_GRID_SCALE) drawPixelGrid(context, size, frame);
}

/** Lines a device pixel wide along the edges of the pixels: dark with light beside, seen on any image. */
function drawPixelGrid(context: Context2d, size: Size, { view, stage, pixelRatio }: Frame): void {
  const [x, y, width, height] = visibleBoxXywh(view, size, stage);
  const strength = Math.min(1, view.scale / (PIXEL_GRID_SCALE * GRID_FADE));
  const scale = view.scale * pixelRatio;
  const left = x * scale + view.offsetX * pixelRatio;
  const top = y * scale + view.offsetY * pixelRatio;
  for (const [colour, shift] of [
    [cssColour(SHADE, 0.35 * strength), 0],
    [cssColour(WHITE, 0.2 * strength), 1],
  ] as const) {
    context.fillStyle = colour;
    for (let i = 0; i <= width; i++) {
      context.fillRect(Math.round(left + i * scale) + shift, top, 1, height * scale);
    }
    for (let i = 0; i <= height; i++) {
      context.fillRect(left, Math.round(top + i * scale) + shift, width * scale, 1);
    }
  }
}
