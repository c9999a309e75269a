import { distanceTransform, type Mask } from "@segany/masks";
import { DatasetError } from "../errors.js";

/** How a mask is widened for inpainting. */
export interface InpaintingMaskOptions {
  /** Widens the mask by so many pixels, round at corners; below 0 narrows it. */
  readonly dilatePx?: number | undefined;
  /** The mask's edge falls off to nothing over so many pixels outside of it. */
  readonly featherPx?: number | undefined;
}

/** Widening by more would cover any image. */
const maxPx = 65_536;

/**
 * Makes the mask that tells an inpainting tool what to paint anew: 255 (white) inside, 0 outside, between
 * them along a feathered edge. Distances are exact and Euclidean, between pixel centres, so a dilation by r
 * takes in every pixel no further than r from the mask.
 *
 * @returns a grey value a pixel, row-major
 * @throws DatasetError `option-invalid`
 *
 * @example
 * const row = { width: 5, height: 1, data: Uint8Array.of(0, 0, 1, 0, 0) };
 * console.log(inpaintingMask(row, { dilatePx: 1 }).join(" ")); // 0 255 255 255 0
 */
export function inpaintingMask(
  mask: Mask,
  { dilatePx = 0, featherPx = 0 }: InpaintingMaskOptions = {},
): Uint8Array {
  checkPixels("dilate", dilatePx, -maxPx);
  checkPixels("feather", featherPx, 0);
  if (dilatePx === 0 && featherPx === 0) return mask.data.map((value) => value * 255);
  const outside = distanceTransform(inverted(mask), { borderIsOutside: false });
  // Inside, the nearest outside pixel is 1 away where the mask ends: the edge itself lies between the two.
  const inside = dilatePx < 0 ? distanceTransform(mask, { borderIsOutside: false }) : undefined;
  return mask.data.map((value, i) => {
    const distance = value === 1 ? (inside ? 1 - inside[i]! : 0) : outside[i]!;
    const beyond = distance - dilatePx;
    if (beyond <= 0) return 255;
    return featherPx === 0 ? 0 : Math.round(255 * Math.max(0, 1 - beyond / (featherPx + 1)));
  });
}

function checkPixels(name: string, value: number, lowest: number): void {
  if (Number.isFinite(value) && value >= lowest && value <= maxPx) return;
  throw new DatasetError("option-invalid", `"${name}" must be ${lowest} to ${maxPx} pixels, not ${value}.`);
}

function inverted({ width, height, data }: Mask): Mask {
  return { width, height, data: data.map((value) => 1 - value) };
}
