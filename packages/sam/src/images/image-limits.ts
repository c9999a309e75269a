import { SamError, type Size } from "@segany/masks";

/** Default limit of pixels: 268 megapixels, 1.1 GB as RGBA. */
export const DEFAULT_MAX_PIXELS = 268_000_000;

/** Options of `readImage` on every platform. */
export interface ReadImageOptions {
  /** Images with more pixels are refused, on Node before they are decoded. */
  readonly maxPixels?: number | undefined;
  /** Name of the image in messages; by default its path, or its size in bytes. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Refuses images without pixels and those above the limit.
 *
 * @param name of the image, for messages
 * @throws SamError `image-empty`, `image-too-large`
 */
export function checkImageSize({ width, height }: Size, name: string, maxPixels: number): void {
  if (width < 1 || height < 1) {
    throw new SamError(
      "image-empty",
      `${name} is ${width} x ${height} pixels; give an image with at least one pixel.`,
    );
  }
  if (width * height <= maxPixels) return;
  throw new SamError(
    "image-too-large",
    `${name} is ${width} x ${height} pixels (${megapixels(width * height)}), above the limit of ${megapixels(maxPixels)}; make it smaller, or raise maxPixels.`,
  );
}

function megapixels(pixels: number): string {
  return `${Number((pixels / 1e6).toPrecision(4))} megapixels`;
}
