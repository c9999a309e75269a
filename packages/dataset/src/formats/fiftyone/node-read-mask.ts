import { inflateSync } from "node:zlib";
import type { Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import type { ImageFinder } from "../../files/image-finder.js";
import { type RawObject, show } from "../../json/fields.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import type { MaskReader, NumberMap } from "./fiftyone.js";

/** What an array may have besides its values. */
const ROOM_BYTES = 2 ** 16;
/** Of a value, at most. */
const VALUE_BYTES = 8;

/**
 * Reads masks of labels: NumPy arrays in zlib in the JSON itself (`mask`), or PNGs in the set's folder
 * (`mask_path`). They may unpack to no more than the image's pixels need.
 */
export function maskReader(size: Size, finder: ImageFinder): MaskReader {
  return async (label, where) => {
    const packed = base64Of(label.mask, where);
    if (packed !== undefined) return readArray(packed, size, where);
    const path = label.mask_path;
    if (path == null) return undefined;
    const found = typeof path === "string" ? await finder.find(path) : undefined;
    if (!found) throw invalid(where, `its mask ${show(path)} is not in the set's folder`);
    return numbersOf(await found.open(), where);
  };
}

/** Binary values of MongoDB's extended JSON, in the form of version 2 or 1. */
function base64Of(value: unknown, where: string): string | undefined {
  if (value == null) return undefined;
  const binary = typeof value === "object" ? (value as RawObject).$binary : value;
  const text = typeof binary === "object" && binary !== null ? (binary as RawObject).base64 : binary;
  if (typeof text === "string") return text;
  throw invalid(where, `its mask is ${show(value)}, not a packed array`);
}

async function readArray(base64: string, { width, height }: Size, where: string): Promise<NumberMap> {
  const { readNpy } = await import("@segany/graph/weights");
  const maxOutputLength = VALUE_BYTES * width * height + ROOM_BYTES;
  try {
    const bytes = inflateSync(Buffer.from(base64, "base64"), { maxOutputLength });
    const { shape, data } = readNpy(bytes, "The array");
    const [rows, columns, ...others] = shape;
    if (!rows || !columns || others.length > 0)
      throw new Error(`its shape is [${shape}], not rows and columns`);
    return { width: columns, height: rows, data: data instanceof Uint8Array ? data : Uint16Array.from(data) };
  } catch (cause) {
    throw invalid(
      where,
      `its mask can't be unpacked (${(cause as Error).message.replace(/\.$/, "")})`,
      cause,
    );
  }
}

function numbersOf(png: Uint8Array, where: string): NumberMap {
  const { width, height, numbers, colours } = decodeMaskPng(png, where);
  return { width, height, data: numbers ?? Uint8Array.from(colours!, (colour) => (colour > 0 ? 1 : 0)) };
}

function invalid(where: string, reason: string, cause?: unknown): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: ${reason}.`, { cause });
}
