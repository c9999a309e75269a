/**
 * Where the image lies on the stage: pure arithmetic between the image's pixels and the stage's CSS pixels.
 */

import { type BoxXywh, type Brand, type ImagePoint, imagePoint, type Point, type Size } from "@segany/masks";
import type { View } from "../state/types.js";

/** Positions in CSS pixels from the stage's upper left corner, (x, y). */
export type ScreenPoint = Point & Brand<"screen point">;

export const screenPoint = (point: Point & Partial<Brand<"screen point">>) => point as ScreenPoint;

/** One pixel of the image is at most this many CSS pixels wide. */
export const MAX_SCALE = 64;

/** From here on single pixels are told apart, and lines are drawn between them. */
export const PIXEL_GRID_SCALE = 8;

/** An image can be made this much smaller than it fits. */
const MIN_SCALE_OF_FIT = 0.25;

/** Room around an image that fits, CSS pixels. */
const FIT_MARGIN_PX = 24;

/** So much of the image stays on the stage, however far it is pushed, CSS pixels. */
const KEPT_IN_SIGHT_PX = 64;

/** The view that shows the whole image in the middle of the stage; never larger than `MAX_SCALE`. */
export function fitView(image: Size, stage: Size): View {
  const scale = fitScale(image, stage);
  return {
    scale,
    offsetX: (stage.width - image.width * scale) / 2,
    offsetY: (stage.height - image.height * scale) / 2,
  };
}

function fitScale(image: Size, stage: Size): number {
  const room = (length: number) => Math.max(1, length - 2 * Math.min(FIT_MARGIN_PX, length / 8));
  return Math.min(room(stage.width) / image.width, room(stage.height) / image.height, MAX_SCALE);
}

/** The view after zooming about a place that stays where it is. */
export function zoomAt(view: View, [x, y]: ScreenPoint, factor: number, image: Size, stage: Size): View {
  const smallest = Math.min(1, fitScale(image, stage) * MIN_SCALE_OF_FIT);
  const scale = Math.min(MAX_SCALE, Math.max(smallest, view.scale * factor));
  const ratio = scale / view.scale;
  const zoomed = { scale, offsetX: x - (x - view.offsetX) * ratio, offsetY: y - (y - view.offsetY) * ratio };
  return clampView(zoomed, image, stage);
}

/** The view after zooming about the middle of the stage, for keys and buttons. */
export function zoomAtCentre(view: View, factor: number, image: Size, stage: Size): View {
  return zoomAt(view, screenPoint([stage.width / 2, stage.height / 2]), factor, image, stage);
}

/** The view after pushing the image by CSS pixels. */
export function panBy(view: View, dx: number, dy: number, image: Size, stage: Size): View {
  return clampView(
    { scale: view.scale, offsetX: view.offsetX + dx, offsetY: view.offsetY + dy },
    image,
    stage,
  );
}

/**
 * Brings a view back so far that some of the image is on the stage; the same object when nothing is to be
 * done.
 */
export function clampView(view: View, image: Size, stage: Size): View {
  const offsetX = clampOffset(view.offsetX, image.width * view.scale, stage.width);
  const offsetY = clampOffset(view.offsetY, image.height * view.scale, stage.height);
  if (offsetX === view.offsetX && offsetY === view.offsetY) return view;
  return { scale: view.scale, offsetX, offsetY };
}

function clampOffset(offset: number, lengthPx: number, stagePx: number): number {
  const kept = Math.min(KEPT_IN_SIGHT_PX, lengthPx / 2, stagePx / 2);
  return Math.min(stagePx - kept, Math.max(kept - lengthPx, offset));
}

/**
 * The view after the stage was resized: an image that fitted fits again, otherwise the middle stays in the
 * middle.
 */
export function resizeView(view: View, image: Size, before: Size, after: Size): View {
  const fitted = fitView(image, before);
  const wasFitted =
    Math.abs(view.scale - fitted.scale) < 1e-6 &&
    Math.abs(view.offsetX - fitted.offsetX) < 0.5 &&
    Math.abs(view.offsetY - fitted.offsetY) < 0.5;
  if (wasFitted) return fitView(image, after);
  return panBy(view, (after.width - before.width) / 2, (after.height - before.height) / 2, image, after);
}

export function toImagePoint(view: View, [x, y]: ScreenPoint): ImagePoint {
  return imagePoint([(x - view.offsetX) / view.scale, (y - view.offsetY) / view.scale]);
}

export function toScreenPoint(view: View, [x, y]: ImagePoint): ScreenPoint {
  return screenPoint([x * view.scale + view.offsetX, y * view.scale + view.offsetY]);
}

/** Whether a place lies on the image, whose pixel (x, y) covers [x, x + 1) x [y, y + 1). */
export function isInsideImage([x, y]: ImagePoint, { width, height }: Size): boolean {
  return x >= 0 && y >= 0 && x < width && y < height;
}

/** The nearest place on the image, the far edges included. */
export function clampToImage([x, y]: ImagePoint, { width, height }: Size): ImagePoint {
  return imagePoint([Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))]);
}

/**
 * The pixels of the image that are on the stage, whole ones, cut at the image's edges; [0, 0, 0, 0] for none.
 */
export function visibleBoxXywh(view: View, image: Size, stage: Size): BoxXywh {
  const [left, top] = toImagePoint(view, screenPoint([0, 0]));
  const [right, bottom] = toImagePoint(view, screenPoint([stage.width, stage.height]));
  const x0 = Math.max(0, Math.floor(left));
  const y0 = Math.max(0, Math.floor(top));
  const x1 = Math.min(image.width, Math.ceil(right));
  const y1 = Math.min(image.height, Math.ceil(bottom));
  return x1 > x0 && y1 > y0 ? [x0, y0, x1 - x0, y1 - y0] : [0, 0, 0, 0];
}

/** What one notch of a mouse wheel, or a bit of a trackpad's pinch, does to the scale. */
export function wheelFactor(deltaPx: number, isPinch: boolean): number {
  // A pinch on a trackpad comes as small deltas; a wheel's notch is 100 or 120 and gives about a fifth.
  const bounded = Math.max(-240, Math.min(240, deltaPx));
  return Math.exp(-bounded * (isPinch ? 0.01 : 0.0018));
}
