import { readImage } from "@segany/sam/images";
import { DatasetError } from "../errors.js";
import { readBytes } from "../files/files.js";
import type { MaskPixels } from "../masks/mask-pixels.js";
import { decodeMaskPng } from "../masks/node-decode-label-png.js";

/** An image of masks. */
export interface MaskImage {
  readonly pixels: MaskPixels;
  /** Whether it was compressed with a loss, so that its pixels are no numbers of objects. */
  readonly isLossy: boolean;
}

/** Names of images of masks. */
export const maskImageName = /\.(png|jpe?g)$/i;

/**
 * Reads an image of masks: a PNG, or a JPEG, of which only the brightness counts.
 *
 * @throws DatasetError `file-unreadable`, `annotation-invalid` for one that is damaged
 */
export async function readMaskImage(path: string): Promise<MaskImage> {
  const bytes = await readBytes(path);
  if (/\.png$/i.test(path)) return { pixels: decodeMaskPng(bytes, path), isLossy: false };
  const { width, height, data } = await readImage(bytes).catch((cause: unknown) => {
    throw new DatasetError(
      "annotation-invalid",
      `${path} is not a usable JPEG: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  });
  const brightest = (_: unknown, i: number) => Math.max(data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!);
  return {
    pixels: { width, height, numbers: Uint8Array.from({ length: width * height }, brightest) },
    isLossy: true,
  };
}
