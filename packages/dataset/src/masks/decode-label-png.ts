import { decode } from "fast-png";
import { DatasetError } from "../errors.js";
import { maxPixels } from "../json/fields.js";
import type { LabelMap } from "./label-map.js";
import { colourNumber, type MaskPixels } from "./mask-pixels.js";

/**
 * Refuses packed bytes that unfold to more than they may, or are damaged; a few may unfold to gigabytes, and
 * the library that decodes has no limit. Throws any error.
 */
export type CheckPacked = (packed: Uint8Array, maxBytes: number) => void;

/** Decodes PNGs of masks. */
export interface MaskPngDecoder {
  /**
   * Decodes a PNG to the numbers of its pixels: palette entries as numbers (not colours), grey of 1 to 16
   * bits.
   *
   * @param where what to call the file in an error message
   * @throws DatasetError `annotation-invalid` when it isn't such a PNG, is damaged, too large, or holds more
   * than it says
   */
  decodeLabels(bytes: Uint8Array, where: string): LabelMap;
  /**
   * Decodes a PNG to numbers of its pixels, or to their colours where it is one of colours.
   *
   * @param where what to call the file in an error message
   * @throws DatasetError `annotation-invalid` when it is no PNG, is damaged, too large, or holds more than it
   * says
   */
  decodePixels(bytes: Uint8Array, where: string): MaskPixels;
}

/** @param checkPacked the platform's: it knows how to unpack without keeping what comes out */
export function createMaskPngDecoder(checkPacked: CheckPacked): MaskPngDecoder {
  function decodePixels(bytes: Uint8Array, where: string): MaskPixels {
    const critical = criticalChunks(bytes, where, checkPacked);
    try {
      const { width, height, data, depth, channels, palette } = decode(critical, { checkCrc: true });
      if (channels > 1) return { width, height, ...toColours(data, width * height, channels) };
      const numbers = toNumbers(data, width, height, depth);
      const colours = palette?.map(([red, green, blue]) => colourNumber(red!, green!, blue!));
      return { width, height, numbers, ...(colours && { palette: colours }) };
    } catch (cause) {
      throw invalid(where, (cause as Error).message, cause);
    }
  }

  return {
    decodePixels,
    decodeLabels(bytes, where) {
      const { width, height, numbers } = decodePixels(bytes, where);
      if (numbers) return { width, height, data: numbers };
      throw invalid(where, "it has colours; label maps are PNGs of grey or of a palette");
    },
  };
}

/** Two channels are grey and alpha, four end with alpha; of 16 bits the upper 8 count. */
function toColours(
  data: Uint8Array | Uint8ClampedArray | Uint16Array,
  pixels: number,
  channels: number,
): Pick<MaskPixels, "colours" | "alpha"> {
  const shift = data instanceof Uint16Array ? 8 : 0;
  const colours = new Uint32Array(pixels);
  const alpha = channels % 2 === 0 ? new Uint8Array(pixels) : undefined;
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let i = 0, at = 0; i < pixels; i++, at += channels) {
    colours[i] = colourNumber(data[at]! >> shift, data[at + green]! >> shift, data[at + blue]! >> shift);
    if (alpha) alpha[i] = data[at + channels - 1]! >> shift;
  }
  return { colours, ...(alpha && { alpha }) };
}

function invalid(where: string, reason: string, cause?: unknown): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: not a usable label map: ${reason}.`, { cause });
}

/** Values below 8 bits come packed, each row beginning with a new byte. */
function toNumbers(
  data: Uint8Array | Uint8ClampedArray | Uint16Array,
  width: number,
  height: number,
  depth: number,
): Uint8Array | Uint16Array {
  if (data instanceof Uint16Array) return data;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (depth === 8) return bytes;
  const rowBytes = Math.ceil((width * depth) / 8);
  const numbers = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = bytes[y * rowBytes + (bit >> 3)]!;
      numbers[y * width + x] = (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  }
  return numbers;
}

/**
 * Chunks that make the image; all others, such as packed texts and colour profiles, are not even looked at.
 */
const criticalTypes: ReadonlySet<string> = new Set(["IHDR", "PLTE", "IDAT", "IEND"]);

/**
 * The PNG without chunks that say nothing about its numbers, checked to unfold to no more than its header
 * says.
 */
function criticalChunks(file: Uint8Array, where: string, checkPacked: CheckPacked): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 33 || view.getUint32(0) !== 0x89504e47) throw invalid(where, "it is no PNG");
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  if (width < 1 || height < 1 || width * height > maxPixels)
    throw invalid(where, `it is ${width} x ${height} pixels, and 1 to ${maxPixels} in all are taken`);
  const chunks: Uint8Array[] = [file.subarray(0, 8)];
  const packed: Uint8Array[] = [];
  for (let offset = 8; offset + 12 <= file.length; ) {
    const end = offset + 12 + view.getUint32(offset);
    if (end > file.length) throw invalid(where, "it is cut off");
    const type = String.fromCharCode(...file.subarray(offset + 4, offset + 8));
    if (criticalTypes.has(type)) chunks.push(file.subarray(offset, end));
    if (type === "IDAT") packed.push(file.subarray(offset + 8, end - 4));
    offset = end;
  }
  try {
    // At most 4 channels of 16 bits; interlacing adds a few bytes for the rows of its passes.
    checkPacked(joined(packed), width * height * 8 + 16 * height + 64);
  } catch (cause) {
    throw invalid(where, `its pixels can't be unpacked (${(cause as Error).message})`, cause);
  }
  return joined(chunks);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
