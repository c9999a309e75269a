/**
 * Image files without what their first picture does not need: pages and frames by the million, packed texts that unfold
 * to gigabytes. Decoders look at these even when nobody asks for them.
 */
import type { ImageFormat } from "./image-signature.js";

/** Chunks of PNG that make the picture, its transparency, its orientation and its colours. */
const PNG_CHUNKS: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS"],
  ...["eXIf", "iCCP", "sRGB", "gAMA", "cHRM", "cICP", "sBIT"],
]);

/**
 * Cuts a file down to its first picture.
 *
 * @param bytes may be cut off; what is damaged stays as it is, for the decoder to refuse
 * @returns the bytes themselves where there is nothing to leave out, else a copy
 */
export function firstPicture(bytes: Uint8Array, format: ImageFormat): Uint8Array {
  switch (format) {
    case "png":
      return withoutPngExtras(bytes);
    case "gif":
      return firstGifFrame(bytes);
    case "tiff":
      return firstTiffPage(bytes);
    case "jpeg":
    case "webp":
    case "avif":
      return bytes; // one picture, or frames that cost their decoders no more than their bytes
  }
}

function withoutPngExtras(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  let kept: Uint8Array | undefined;
  let size = 8;
  let at = 8;
  while (at + 12 <= bytes.length) {
    const end = Math.min(bytes.length, at + 12 + view.getUint32(at));
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (PNG_CHUNKS.has(type)) {
      kept?.set(bytes.subarray(at, end), size);
      size += end - at;
    } else kept ??= Uint8Array.from(bytes);
    at = end;
  }
  return kept ? kept.subarray(0, size) : bytes;
}

/** The parts of GIF89a (sections 17 to 27) up to the first image's data, and a trailer. */
function firstGifFrame(bytes: Uint8Array): Uint8Array {
  let at = 13 + colourTableBytes(bytes[10]);
  while (bytes[at] === 0x21) at = afterSubBlocks(bytes, at + 2); // extensions: an introducer, a label, blocks
  if (bytes[at] !== 0x2c) return bytes;
  const end = afterSubBlocks(bytes, at + 10 + colourTableBytes(bytes[at + 9]) + 1); // one byte: LZW's code size
  if (end >= bytes.length || bytes[end] === 0x3b) return bytes;
  const kept = Uint8Array.from(bytes.subarray(0, end + 1));
  kept[end] = 0x3b;
  return kept;
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function afterSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at]) at += 1 + bytes[at]!;
  return at + 1;
}

/** Ends the chain of pages after the first. */
function firstTiffPage(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 16) return bytes;
  const view = viewOf(bytes);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const offsetAt = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const first = offsetAt(big ? 8 : 4);
  if (first + 8 > bytes.length) return bytes;
  const entries = big ? Number(view.getBigUint64(first, little)) : view.getUint16(first, little);
  const next = first + (big ? 8 + 20 * entries : 2 + 12 * entries);
  const width = big ? 8 : 4;
  if (next + width > bytes.length || offsetAt(next) === 0) return bytes;
  return Uint8Array.from(bytes).fill(0, next, next + width);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
