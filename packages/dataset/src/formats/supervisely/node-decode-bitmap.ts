import { inflateSync } from "node:zlib";
import type { Mask, Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import type { MaskPixels } from "../../masks/mask-pixels.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import type { BitmapDecoder } from "./supervisely.js";

/** What a PNG may have besides its pixels: headers, and the little that packing adds to noise. */
const ROOM_BYTES = 2 ** 16;

/**
 * Unpacks bitmaps of an image: base64 of a PNG, in zlib or not. They may unpack to no more than the image's
 * pixels need.
 */
export function bitmapDecoder({ width, height }: Size): BitmapDecoder {
  return (data, isSoft, where) => {
    const pixels = decodeMaskPng(unpacked(Buffer.from(data, "base64"), width * height, where), where);
    if (pixels.width > width || pixels.height > height)
      throw new DatasetError(
        "annotation-invalid",
        `${where}: its bitmap of ${pixels.width} x ${pixels.height} pixels is larger than the image of ${width} x ${height}.`,
      );
    return maskOf(pixels, isSoft ? 128 : 1);
  };
}

function unpacked(packed: Buffer, pixels: number, where: string): Uint8Array {
  if (packed.subarray(1, 4).toString("latin1") === "PNG") return packed;
  try {
    return inflateSync(packed, { maxOutputLength: 8 * pixels + ROOM_BYTES });
  } catch (cause) {
    throw new DatasetError(
      "annotation-invalid",
      `${where}: its bitmap can't be unpacked (${(cause as Error).message}).`,
      { cause },
    );
  }
}

/** Transparency decides where there is one, else grey or the number of a palette's entry. */
function maskOf(
  { width, height, numbers, palette, colours, alpha }: MaskPixels,
  threshold: number,
): { readonly mask: Mask; readonly isCut: boolean } {
  const levels =
    alpha ??
    (palette ? numbers!.map((number) => (number > 0 ? 255 : 0)) : numbers) ??
    Uint8Array.from(colours!, (colour) => colour & 255);
  const data = Uint8Array.from(levels, (level) => (level >= threshold ? 1 : 0));
  return {
    mask: { width, height, data },
    isCut: threshold > 1 && levels.some((level) => level > 0 && level < 255),
  };
}
