/**
 * Drawing on an image. These functions modify their argument: each image is copied once and then drawn on.
 */

import type { Point, RgbaImage, Size } from "@segany/masks";
import { checkImage } from "../images/check-image.js";
import type { Rgb } from "./colours.js";
import { type Segment, segmentDistance } from "./geometry.js";

/** Copies an image to draw on. @throws SamError `image-empty` or `image-unreadable` for an invalid image */
export function copyImage(image: RgbaImage): RgbaImage<ArrayBuffer> {
  checkImage(image);
  return { width: image.width, height: image.height, data: image.data.slice() };
}

/** An image of one opaque colour. */
export function createImage({ width, height }: Size, [red, green, blue]: Rgb): RgbaImage<ArrayBuffer> {
  const data = new Uint8ClampedArray(4 * width * height);
  new Uint32Array(data.buffer).fill(new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0]!);
  return { width, height, data };
}

/**
 * Blends a colour over one pixel (the "over" operator, alpha not premultiplied).
 *
 * @param index the pixel's index, row-major
 * @param alpha 0..1, opacity of the colour
 */
export function blendPixel(data: Uint8ClampedArray, index: number, colour: Rgb, alpha: number): void {
  const at = 4 * index;
  if (data[at + 3] === 255) {
    data[at] = data[at]! + (colour[0] - data[at]!) * alpha;
    data[at + 1] = data[at + 1]! + (colour[1] - data[at + 1]!) * alpha;
    data[at + 2] = data[at + 2]! + (colour[2] - data[at + 2]!) * alpha;
    return;
  }
  const below = (data[at + 3]! / 255) * (1 - alpha);
  const total = alpha + below;
  if (total === 0) return;
  for (let c = 0; c < 3; c++) data[at + c] = (colour[c]! * alpha + data[at + c]! * below) / total;
  data[at + 3] = 255 * total;
}

/**
 * Draws every pixel by its coverage, a function of the pixel's centre.
 *
 * @param boxXyxy the part to draw, in continuous pixels, clipped at the image's edges
 * @param coverage 0..1 at a position in continuous pixels; a pixel's centre is at its index + 0.5
 */
export function paint(
  image: RgbaImage,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  colour: Rgb,
  coverage: (x: number, y: number) => number,
): void {
  const right = Math.min(image.width, Math.ceil(x1));
  const bottom = Math.min(image.height, Math.ceil(y1));
  for (let y = Math.max(0, Math.floor(y0)); y < bottom; y++) {
    for (let x = Math.max(0, Math.floor(x0)); x < right; x++) {
      const alpha = coverage(x + 0.5, y + 0.5);
      if (alpha > 0) blendPixel(image.data, y * image.width + x, colour, Math.min(1, alpha));
    }
  }
}

/** Draws lines with round ends and smooth edges. Crossing lines are one shape, drawn once. */
export function strokeSegments(
  image: RgbaImage,
  segments: readonly Segment[],
  lineWidthPx: number,
  colour: Rgb,
): void {
  const ends: readonly Point[] = segments.flat();
  const reach = lineWidthPx / 2 + 1;
  const xs = ends.map(([x]) => x);
  const ys = ends.map(([, y]) => y);
  const box = [
    Math.min(...xs) - reach,
    Math.min(...ys) - reach,
    Math.max(...xs) + reach,
    Math.max(...ys) + reach,
  ] as const;
  paint(image, box, colour, (x, y) => {
    const distance = Math.min(...segments.map((segment) => segmentDistance(x, y, segment)));
    return lineWidthPx / 2 + 0.5 - distance;
  });
}

/** Fills a rectangle with smooth edges, in continuous pixels. */
export function fillRectangle(
  image: RgbaImage,
  boxXyxy: readonly [number, number, number, number],
  colour: Rgb,
): void {
  const [x0, y0, x1, y1] = boxXyxy;
  const overlap = (from: number, to: number, centre: number) =>
    Math.max(0, Math.min(to, centre + 0.5) - Math.max(from, centre - 0.5));
  paint(image, boxXyxy, colour, (x, y) => overlap(x0, x1, x) * overlap(y0, y1, y));
}

/** Copies an image into another; parts beyond the edges are clipped. */
export function pasteImage(target: RgbaImage, source: RgbaImage, left: number, top: number): void {
  const width = Math.min(source.width, target.width - left);
  const height = Math.min(source.height, target.height - top);
  for (let y = 0; y < height; y++) {
    const row = source.data.subarray(4 * y * source.width, 4 * (y * source.width + width));
    target.data.set(row, 4 * ((top + y) * target.width + left));
  }
}
