import type { RgbaImage } from "@segany/masks";
import {
  blur,
  createFloatMap,
  type FloatMap,
  gaussianKernel,
  normaliseMap,
  toGrey,
} from "../edges/float-map.js";
import { type Gradient, sobelGradient } from "../edges/sobel.js";

/** The lower threshold as a share of the upper one, a common choice. */
const LOW_SHARE = 0.4;
/** Upper thresholds that are tried, evenly spaced in (0, 1). */
const LEVELS = 100;

/**
 * Canny's detector (1986) as a map of strengths: a pixel's strength is the highest upper threshold at which
 * the detector still keeps it, through hysteresis where it is weak itself. Its published ODS on BSDS500 is
 * .600 (paper, table 3).
 *
 * @param sigmaPx how much the grey image is smoothed first
 * @returns strengths in [0, 1]
 *
 * @example
 * const { width, height } = cannyEdges(image);
 * console.log(width, height); // 1200 800
 */
export function cannyEdges(image: RgbaImage, sigmaPx = 2): FloatMap {
  const gradient = sobelGradient(blur(toGrey(image), gaussianKernel(sigmaPx)));
  return hysteresisStrength(normaliseMap(ridges(gradient)));
}

/**
 * Keeps the gradient's length where it is the largest along its own direction, between neighbours linearly.
 */
function ridges({ x: slopeX, y: slopeY }: Gradient): FloatMap {
  const { width, height } = slopeX;
  const length = createFloatMap(width, height);
  for (let i = 0; i < length.data.length; i++) length.data[i] = Math.hypot(slopeX.data[i]!, slopeY.data[i]!);
  const kept = createFloatMap(width, height);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const here = length.data[i]!;
      if (here === 0) continue;
      const [ahead, behind] = alongGradient(length, i, slopeX.data[i]!, slopeY.data[i]!);
      if (here > ahead && here >= behind) kept.data[i] = here;
    }
  }
  return kept;
}

/** The map's values one step up and one step down the gradient, on the ring of the eight neighbours. */
function alongGradient(
  { width, data }: FloatMap,
  pixel: number,
  dx: number,
  dy: number,
): readonly [ahead: number, behind: number] {
  const stepX = Math.sign(dx);
  const stepY = Math.sign(dy) * width;
  const isFlat = Math.abs(dx) >= Math.abs(dy);
  const straight = isFlat ? stepX : stepY;
  const share = isFlat ? Math.abs(dy / dx) : Math.abs(dx / dy);
  const diagonal = stepX + stepY;
  const at = (sign: 1 | -1): number =>
    (1 - share) * data[pixel + sign * straight]! + share * data[pixel + sign * diagonal]!;
  return [at(1), at(-1)];
}

function hysteresisStrength(ridge: FloatMap): FloatMap {
  const { width, height, data } = ridge;
  const strengths = createFloatMap(width, height);
  const around = [1, -1, width, -width, width + 1, width - 1, -width + 1, -width - 1];
  const pixels = [...data.keys()].filter((i) => data[i]! > 0);
  for (let level = 1; level < LEVELS; level++) {
    const high = level / LEVELS;
    const queue = pixels.filter((i) => data[i]! >= high);
    for (const i of queue) strengths.data[i] = high;
    while (queue.length > 0) {
      const pixel = queue.pop()!;
      for (const step of around) {
        // Ridges keep clear of the border, so every neighbour is a pixel of the map.
        const next = pixel + step;
        if (data[next]! < LOW_SHARE * high || strengths.data[next] === Math.fround(high)) continue;
        strengths.data[next] = high;
        queue.push(next);
      }
    }
  }
  return strengths;
}
