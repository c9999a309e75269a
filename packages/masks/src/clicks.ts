import { maskToBoxXyxy, toExclusiveBox } from "./boxes.js";
import { imagePoint } from "./brands.js";
import { type DistanceOptions, squaredDistances } from "./distance.js";
import type { ImagePoint } from "./frames.js";
import { checkMask, checkSameSize } from "./mask.js";
import type { Mask } from "./types.js";

/**
 * The pixel of a mask farthest from its boundary, where the paper's evaluation places the first click
 * (section 7.1, appendix D.1); of several the first in row order.
 *
 * @returns a pixel (x, y) of the mask, or null when the mask is empty
 *
 * @example
 * const square = decodeRle(boxToRle([1, 1, 3, 3], { width: 6, height: 6 }));
 * console.log(interiorPoint(square)); // [ 2, 2 ]
 */
export function interiorPoint(mask: Mask, options: DistanceOptions = {}): ImagePoint | null {
  return deepest(mask, options)?.point ?? null;
}

/** A simulated click. */
export interface Click {
  /** A pixel (x, y) of the image. */
  readonly point: ImagePoint;
  /** 1: the object is here; 0: it is not. */
  readonly label: 0 | 1;
}

/**
 * The next click that corrects a prediction: the pixel farthest from the boundary of the error region, missed
 * pixels (label 1) or wrong ones (label 0), whichever region is deeper there; equally deep ones give a label
 * 0, as in RITM, whose protocol the paper follows (section 7.1).
 *
 * @returns null when there is no error
 * @throws SamError `mask-invalid` when sizes differ
 *
 * @example
 * const target = decodeRle(boxToRle([1, 1, 3, 3], { width: 6, height: 6 }));
 * const prediction = decodeRle(boxToRle([0, 0, 1, 1], { width: 6, height: 6 }));
 * console.log(nextClick(prediction, target)); // { point: [ 2, 2 ], label: 1 }
 */
export function nextClick(
  prediction: Mask,
  target: Mask,
  {
    ignore,
    ...distanceOptions
  }: DistanceOptions & { /** Pixels that are never in error. */ readonly ignore?: Mask } = {},
): Click | null {
  checkSameSize(prediction, target);
  if (ignore) checkSameSize(ignore, target);
  const missed = deepest(onlyInFirst(target, prediction, ignore), distanceOptions);
  const wrong = deepest(onlyInFirst(prediction, target, ignore), distanceOptions);
  if (missed && (!wrong || missed.squaredDistance > wrong.squaredDistance)) {
    return { point: missed.point, label: 1 };
  }
  return wrong && { point: wrong.point, label: 0 };
}

function onlyInFirst(first: Mask, second: Mask, ignore: Mask | undefined): Mask {
  const data = new Uint8Array(first.data.length);
  for (let i = 0; i < data.length; i++) data[i] = first.data[i]! & (second.data[i]! ^ 1);
  if (ignore) for (let i = 0; i < data.length; i++) data[i]! &= ignore.data[i]! ^ 1;
  return { width: first.width, height: first.height, data };
}

interface Depth {
  readonly point: ImagePoint;
  readonly squaredDistance: number;
}

function deepest(mask: Mask, options: DistanceOptions): Depth | null {
  checkMask(mask);
  const first = mask.data.indexOf(1);
  if (first < 0) return null;
  const { part, x, y } = cutToBox(mask);
  const distances = squaredDistances(part, options);
  let best = 0;
  for (let i = 1; i < distances.length; i++) if (distances[i]! > distances[best]!) best = i;
  const row = Math.floor(best / part.width);
  const point = imagePoint([x + best - row * part.width, y + row]);
  return { point, squaredDistance: distances[best]! };
}

/**
 * Cuts out the mask's box with one pixel around it where the image has one. Distances stay the same: of all
 * outside pixels beyond that rim, one of the rim is nearer.
 */
function cutToBox(mask: Mask): { part: Mask; x: number; y: number } {
  const [x0, y0, x1, y1] = toExclusiveBox(maskToBoxXyxy(mask));
  const x = Math.max(0, x0 - 1);
  const y = Math.max(0, y0 - 1);
  const width = Math.min(mask.width, x1 + 1) - x;
  const height = Math.min(mask.height, y1 + 1) - y;
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * mask.width + x;
    data.set(mask.data.subarray(start, start + width), row * width);
  }
  return { part: { width, height, data }, x, y };
}
