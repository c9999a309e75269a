import { SamError } from "./errors.js";
import type { Mask, Size } from "./types.js";

/** An empty mask (all outside) of the given size in pixels. */
export function createMask({ width, height }: Size): Mask {
  return { width, height, data: new Uint8Array(width * height) };
}

/**
 * Checks that the mask's array has one byte for each pixel.
 *
 * @throws SamError `mask-invalid` when sizes are not whole or the data has another length
 *
 * @example
 * checkMask({ width: 2, height: 2, data: new Uint8Array(4) });
 */
export function checkMask(mask: Mask): void {
  const { width, height, data } = mask;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 0 || height < 0) {
    throw new SamError(
      "mask-invalid",
      `A mask of ${width}x${height} pixels is impossible; sizes are whole and ≥ 0.`,
    );
  }
  if (data.length !== width * height) {
    throw new SamError(
      "mask-invalid",
      `A mask of ${width}x${height} pixels needs ${width * height} bytes, but its data has ${data.length}.`,
    );
  }
}

/**
 * Checks both masks and that they cover the same pixels.
 *
 * @throws SamError `mask-invalid` when they don't
 *
 * @example
 * checkSameSize(mask, { ...mask, data: new Uint8Array(24) });
 */
export function checkSameSize(a: Mask, b: Mask): void {
  checkMask(a);
  checkMask(b);
  if (a.width !== b.width || a.height !== b.height) {
    throw new SamError(
      "mask-invalid",
      `The masks have different sizes, ${a.width}x${a.height} and ${b.width}x${b.height}; bring them to one image first.`,
    );
  }
}
