/** EXIF's orientation of an image file, read without a decoder and so in browsers too. */
import { typeAt, viewOf } from "./chunks.js";
import { type Orientation, orientationOf, withoutExifHead } from "./exif.js";
import { sniffImage } from "./image-signature.js";
import { createJpegWalk, EXIF_SEGMENT_HEAD_BYTES } from "./jpeg-extras.js";

/**
 * Reads how EXIF turns the image of a JPEG, PNG, WebP or TIFF file.
 *
 * @returns 1, as stored, also for other formats and damaged files
 *
 * @example
 * import { readFile } from "node:fs/promises";
 * console.log(readOrientation(await readFile("examples/still-life.jpg"))); // 1
 */
export function readOrientation(bytes: Uint8Array): Orientation {
  const block = exifOf(bytes);
  return (block && orientationOf(block)) ?? 1;
}

function exifOf(bytes: Uint8Array): Uint8Array | undefined {
  switch (sniffImage(bytes).format) {
    case "jpeg":
      return exifOfJpeg(bytes);
    case "png":
      return exifOfPng(bytes);
    case "webp":
      return exifOfWebp(bytes);
    case "tiff":
      return bytes;
    default:
      return undefined;
  }
}

function exifOfJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const walk = createJpegWalk(bytes);
  for (let at = 2; at + 8 <= bytes.length; ) {
    const { end, instead } = walk(at);
    if (instead) return instead.subarray(EXIF_SEGMENT_HEAD_BYTES);
    at = end;
  }
  return undefined;
}

function exifOfPng(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (typeAt(bytes, at + 4) === "eXIf") return bytes.subarray(at + 8, end);
    at = end + 4; // behind the checksum
  }
  return undefined;
}

function exifOfWebp(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    if (typeAt(bytes, at) === "EXIF") return withoutExifHead(bytes.subarray(at + 8, end));
    at = end + (size & 1);
  }
  return undefined;
}
