/**
 * EXIF with nothing but an orientation. libexif follows each pointer in a block: 60 kB of pointers to
 * pointers take it many seconds, and an image needs nothing else of them.
 */

import { typeAt } from "./chunks.js";

/** EXIF's orientation: 1 is as stored, 2 to 4 are flips and the half turn, 5 to 8 swap width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION = 0x0112;
/** Types of whole numbers and their bytes: BYTE, SHORT, LONG and their signed forms. */
const WHOLE_TYPES: ReadonlyMap<number, number> = new Map([
  ...([1, 6] as const).map((type) => [type, 1] as const),
  ...([3, 8] as const).map((type) => [type, 2] as const),
  ...([4, 9] as const).map((type) => [type, 4] as const),
]);
const MINIMAL_BYTES = 26;

/** The block cut down to its orientation; undefined if it has none, or none that changes the image. */
export function cutExif(block: Uint8Array): Uint8Array | undefined {
  const orientation = orientationOf(block);
  if (orientation === undefined || orientation === 1) return undefined;
  const view = new DataView(new ArrayBuffer(MINIMAL_BYTES));
  view.setUint32(0, 0x49492a00); // little-endian TIFF
  view.setUint32(4, 8, true);
  view.setUint16(8, 1, true);
  view.setUint16(10, ORIENTATION, true);
  view.setUint16(12, 3, true); // SHORT
  view.setUint32(14, 1, true);
  view.setUint16(18, orientation, true);
  return new Uint8Array(view.buffer);
}

/** Some writers of WebP put JPEG's head before the block. */
export function withoutExifHead(content: Uint8Array): Uint8Array {
  return typeAt(content, 0) === "Exif" ? content.subarray(6) : content;
}

/** The orientation that a block says; undefined if it has none that is one. */
export function orientationOf(block: Uint8Array): Orientation | undefined {
  const value = rawOrientation(block) ?? 0;
  return value >= 1 && value <= 8 ? (value as Orientation) : undefined;
}

function rawOrientation(block: Uint8Array): number | undefined {
  if (block.length < MINIMAL_BYTES) return undefined;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const little = block[0] === 0x49;
  const start = view.getUint32(4, little);
  if (start + 2 > block.length) return undefined;
  const count = view.getUint16(start, little);
  for (let i = 0, at = start + 2; i < count && at + 12 <= block.length; i++, at += 12) {
    const bytes = WHOLE_TYPES.get(view.getUint16(at + 2, little));
    if (view.getUint16(at, little) !== ORIENTATION || bytes === undefined) continue;
    if (bytes === 1) return block[at + 8];
    return bytes === 2 ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
  }
  return undefined;
}
