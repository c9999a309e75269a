/**
 * Removes parts of image files that the first image does not need: millions of pages and frames, compressed
 * texts that expand to gigabytes. Decoders process these even if nobody asks for them.
 */
import type { ImageFormat } from "./image-signature.js";

/** PNG chunks of the image, its transparency, its orientation and its colours. */
const PNG_CHUNKS: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS"],
  ...["eXIf", "iCCP", "sRGB", "gAMA", "cHRM", "cICP", "sBIT"],
]);

/**
 * Cuts a file down to its first image.
 *
 * @param bytes may be truncated; damaged parts stay unchanged, for the decoder to refuse
 * @returns the same bytes if there is nothing to remove, else a copy
 */
export function firstPicture(bytes: Uint8Array, format: ImageFormat): Uint8Array {
  switch (format) {
    case "png":
      return withoutPngExtras(bytes);
    case "gif":
      return firstGifFrame(bytes);
    case "tiff":
      return firstTiffPage(bytes);
    case "webp":
      return firstWebpFrame(bytes);
    case "jpeg":
    case "avif":
      return bytes;
  }
}

function withoutPngExtras(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  return keepChunks(bytes, 8, (at) => ({
    end: at + 12 + view.getUint32(at),
    keep: PNG_CHUNKS.has(typeAt(bytes, at + 4)),
  }));
}

/** WebP chunks of the image, its orientation and its colours; `ANMF` is a frame of an animation. */
const WEBP_CHUNKS: ReadonlySet<string> = new Set([
  "VP8X",
  "VP8 ",
  "VP8L",
  "ALPH",
  "ANIM",
  "ANMF",
  "ICCP",
  "EXIF",
]);

function firstWebpFrame(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  let frames = 0;
  const kept = keepChunks(bytes, 12, (at) => {
    const type = typeAt(bytes, at);
    const size = view.getUint32(at + 4, true);
    return {
      end: at + 8 + size + (size & 1),
      keep: WEBP_CHUNKS.has(type) && !(type === "ANMF" && ++frames > 1),
    };
  });
  if (kept !== bytes) viewOf(kept).setUint32(4, kept.length - 8, true);
  return kept;
}

/**
 * Walks chunks and removes some.
 *
 * @param start offset of the first chunk
 * @param chunkAt returns the end of the chunk at an offset, and whether to keep it
 */
function keepChunks(
  bytes: Uint8Array,
  start: number,
  chunkAt: (at: number) => { readonly end: number; readonly keep: boolean },
): Uint8Array {
  let kept: Uint8Array | undefined;
  let size = start;
  for (let at = start; at + 8 <= bytes.length; ) {
    const chunk = chunkAt(at);
    const end = Math.min(bytes.length, chunk.end);
    if (chunk.keep) {
      kept?.set(bytes.subarray(at, end), size);
      size += end - at;
    } else kept ??= Uint8Array.from(bytes);
    at = end;
  }
  return kept ? kept.subarray(0, size) : bytes;
}

function typeAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Keeps the parts of GIF89a (sections 17 to 27) up to the first image's data, and a trailer. */
function firstGifFrame(bytes: Uint8Array): Uint8Array {
  let at = 13 + colourTableBytes(bytes[10]);
  while (bytes[at] === 0x21) at = afterSubBlocks(bytes, at + 2); // extensions: an introducer, a label, blocks
  if (bytes[at] !== 0x2c) return bytes;
  // One byte for LZW's code size.
  const end = afterSubBlocks(bytes, at + 10 + colourTableBytes(bytes[at + 9]) + 1);
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
