/**
 * Removes parts of image files that one page does not need: millions of pages and frames, compressed
 * texts that expand to gigabytes. Decoders process these even if nobody asks for them.
 */
import { crc32 } from "node:zlib";
import { keepChunks, typeAt, viewOf } from "./chunks.js";
import { cutExif, withoutExifHead } from "./exif.js";
import type { ImageFormat } from "./image-signature.js";
import { createJpegWalk } from "./jpeg-extras.js";

/** PNG chunks of the image, its transparency, its orientation and its colours. */
const PNG_CHUNKS: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS"],
  ...["eXIf", "iCCP", "sRGB", "gAMA", "cHRM", "cICP", "sBIT"],
]);

/**
 * Cuts a file down to one page of a TIFF, or to the first frame of an animation.
 *
 * @param bytes may be truncated; damaged parts stay unchanged, for the decoder to refuse
 * @param page index of a TIFF's page. Frames after an animation's first depend on those before: they are not
 *   cut out
 * @returns the same bytes if there is nothing to remove, else a copy
 */
export function cutToPage(bytes: Uint8Array, format: ImageFormat, page = 0): Uint8Array {
  switch (format) {
    case "png":
      return withoutPngExtras(bytes);
    case "gif":
      return page === 0 ? firstGifFrame(bytes) : bytes;
    case "tiff":
      return tiffPage(bytes, page);
    case "webp":
      return page === 0 ? firstWebpFrame(bytes) : bytes;
    case "jpeg":
      return keepChunks(bytes, 2, createJpegWalk(bytes));
    case "bmp":
    case "avif":
      return bytes;
  }
}

/**
 * The number of a file's pages or frames; no pixels are decoded. Pages of a TIFF are counted up to 65,536.
 */
export function countPages(bytes: Uint8Array, format: ImageFormat): number {
  switch (format) {
    case "gif":
      return Math.max(1, count(gifFrames(bytes)));
    case "tiff":
      return Math.max(1, count(tiffPages(bytes)));
    case "webp":
      return Math.max(1, webpFrames(bytes));
    case "png":
    case "jpeg":
    case "bmp":
    case "avif":
      return 1;
  }
}

/**
 * Keeps the chunks in the list, and of those that describe the image only the first of a type: libpng warns
 * of each repeated one, and libvips collects the warnings. Pixels may be in several chunks, none of them
 * empty.
 */
function withoutPngExtras(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const isFirst = createFirstOfType();
  return keepChunks(bytes, 8, (at) => {
    const type = typeAt(bytes, at + 4);
    const size = view.getUint32(at);
    const end = at + 12 + size;
    const isWanted = type === "IDAT" ? size > 0 : isCritical(type) || isFirst(type);
    if (type !== "eXIf" || !isWanted) return { end, keep: PNG_CHUNKS.has(type) && isWanted };
    const exif = cutExif(bytes.subarray(at + 8, at + 8 + size));
    return { end, keep: false, ...(exif && { instead: pngChunk(type, exif) }) };
  });
}

function pngChunk(type: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + content.length);
  const view = viewOf(chunk);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) chunk[4 + i] = type.charCodeAt(i);
  chunk.set(content, 8);
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)));
  return chunk;
}

/** Whether a PNG can't be read without the chunk: its type begins with a capital letter. */
function isCritical(type: string): boolean {
  return type.charAt(0) < "a";
}

/** Returns whether a type is met for the first time. */
function createFirstOfType(): (type: string) => boolean {
  const met = new Set<string>();
  return (type) => met.size < met.add(type).size;
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

function webpFrames(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let frames = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    if (typeAt(bytes, at) === "ANMF") frames++;
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size & 1);
  }
  return frames;
}

function firstWebpFrame(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const isFirst = createFirstOfType();
  const kept = keepChunks(bytes, 12, (at) => {
    const type = typeAt(bytes, at);
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size + (size & 1);
    const isWanted = WEBP_CHUNKS.has(type) && isFirst(type);
    if (type !== "EXIF" || !isWanted) return { end, keep: isWanted };
    const exif = cutExif(withoutExifHead(bytes.subarray(at + 8, at + 8 + size)));
    return { end, keep: false, ...(exif && { instead: webpChunk(type, exif) }) };
  });
  if (kept !== bytes) viewOf(kept).setUint32(4, kept.length - 8, true);
  return kept;
}

/** @param content of an even number of bytes */
function webpChunk(type: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + content.length);
  for (let i = 0; i < 4; i++) chunk[i] = type.charCodeAt(i);
  viewOf(chunk).setUint32(4, content.length, true);
  chunk.set(content, 8);
  return chunk;
}

/** The parts of GIF89a (sections 17 to 27) up to the first image's data, and a trailer. */
function firstGifFrame(bytes: Uint8Array): Uint8Array {
  const end = gifFrames(bytes).next().value;
  if (end === undefined || end >= bytes.length || bytes[end] === 0x3b) return bytes;
  const kept = Uint8Array.from(bytes.subarray(0, end + 1));
  kept[end] = 0x3b;
  return kept;
}

/** Where each frame's data ends. */
function* gifFrames(bytes: Uint8Array): Generator<number, undefined> {
  for (let at = 13 + colourTableBytes(bytes[10]); ; ) {
    // extensions: an introducer, a label, blocks
    while (bytes[at] === 0x21) at = afterSubBlocks(bytes, at + 2);
    if (bytes[at] !== 0x2c) return;
    // One byte for LZW's code size.
    at = afterSubBlocks(bytes, at + 10 + colourTableBytes(bytes[at + 9]) + 1);
    yield at;
  }
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function afterSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at]) at += 1 + bytes[at]!;
  return at + 1;
}

/** A TIFF's pages are a chain of directories. */
interface TiffPage {
  /** Offset of the directory. */
  readonly directory: number;
  /** Where the offset of the next directory is. */
  readonly nextAt: number;
}

const MOST_PAGES = 65_536;

/** Makes the header point to a page, and ends the chain after it. */
function tiffPage(bytes: Uint8Array, page: number): Uint8Array {
  const found = nth(tiffPages(bytes), page);
  if (!found) return bytes;
  const { little, big, offsetAt, firstAt } = tiffHeader(bytes);
  const width = big ? 8 : 4;
  if (page === 0 && offsetAt(found.nextAt) === 0) return bytes;
  const kept = Uint8Array.from(bytes).fill(0, found.nextAt, found.nextAt + width);
  const view = viewOf(kept);
  if (big) view.setBigUint64(firstAt, BigInt(found.directory), little);
  else view.setUint32(firstAt, found.directory, little);
  return kept;
}

function* tiffPages(bytes: Uint8Array): Generator<TiffPage, undefined> {
  if (bytes.length < 16) return;
  const { little, big, offsetAt, firstAt } = tiffHeader(bytes);
  const view = viewOf(bytes);
  let directory = offsetAt(firstAt);
  for (let count = 0; directory > 0 && directory + 8 <= bytes.length && count < MOST_PAGES; count++) {
    const entries = big ? Number(view.getBigUint64(directory, little)) : view.getUint16(directory, little);
    const nextAt = directory + (big ? 8 + 20 * entries : 2 + 12 * entries);
    if (nextAt + (big ? 8 : 4) > bytes.length) return;
    yield { directory, nextAt };
    directory = offsetAt(nextAt);
  }
}

function tiffHeader(bytes: Uint8Array) {
  const view = viewOf(bytes);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const offsetAt = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  return { little, big, offsetAt, firstAt: big ? 8 : 4 };
}

/** A hostile file may have millions, so they are not listed. */
function count(items: Iterable<unknown>): number {
  let found = 0;
  for (const _ of items) found++;
  return found;
}

function nth<T>(items: Iterable<T>, index: number): T | undefined {
  let at = 0;
  for (const item of items) if (at++ === index) return item;
  return undefined;
}
