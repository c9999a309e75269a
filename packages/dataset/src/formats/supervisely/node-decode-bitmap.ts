import { inflateSync } from "node:zlib";
import type { Mask, Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import { binaryMask } from "../binary-mask.js";
import type { BitmapDecoder } from "./supervisely.js";

/** What a PNG may have besides its pixels: headers, and the little that packing adds to noise. */
const ROOM_BYTES = 2 ** 16;

/**
 * Unpacks bitmaps of an image: base64 of zlib of a PNG, whose mask is its alpha, or all that is not black.
 * They may unpack to no more than the image's pixels need.
 */
export function bitmapDecoder({ width, height }: Size): BitmapDecoder {
  return (data, where) => {
    const packed = Buffer.from(data, "base64");
    let png: Uint8Array;
    try {
      png = inflateSync(packed, { maxOutputLength: 8 * width * height + ROOM_BYTES });
    } catch (cause) {
      throw new DatasetError(
        "annotation-invalid",
        `${where}: its bitmap can't be unpacked (${(cause as Error).message}).`,
        { cause },
      );
    }
    const pixels = decodeMaskPng(png, where);
    if (pixels.width > width || pixels.height > height)
      throw new DatasetError(
        "annotation-invalid",
        `${where}: its bitmap of ${pixels.width} x ${pixels.height} pixels is larger than the image of ${width} x ${height}.`,
      );
    return pixels.alpha ? maskOfAlpha(pixels, pixels.alpha) : binaryMask(pixels);
  };
}

/** Transparency decides where there is one, also where all is opaque or nothing. */
function maskOfAlpha(
  { width, height }: Size,
  alpha: Uint8Array,
): { readonly mask: Mask; readonly isSoft: boolean } {
  const data = Uint8Array.from(alpha, (value) => (value >= 128 ? 1 : 0));
  return { mask: { width, height, data }, isSoft: alpha.some((value) => value > 0 && value < 255) };
}
