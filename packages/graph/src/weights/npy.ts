import { SamError } from "@segany/masks";
import { toFloat32 } from "./dtype.js";
import { elementCount, gatherStrided } from "./stored-tensor.js";

/** A dense row-major array as numpy's `.npy` files hold it. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Float32Array for `<f4`, `<f2` and `<f8` files, Uint8Array for `|u1` and `|b1` ones. */
  readonly data: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const itemSizes: Readonly<Record<string, number>> = { "<f2": 2, "<f4": 4, "<f8": 8, "|u1": 1, "|b1": 1 };
const maxRank = 32;

/**
 * Reads a `.npy` file (format 1.0 to 3.0): float32, float16 and float64 as float32, uint8 and bool as bytes.
 * Column-major files are turned to row-major.
 *
 * @param name file name for messages
 * @throws SamError `file-unreadable` when it is not such a file, or its size does not fit its header
 *
 * @example
 * const { shape, data } = readNpy(writeNpy({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }));
 * console.log(shape, data); // [ 2, 2 ] Float32Array(4) [ 1, 2, 3, 4 ]
 */
export function readNpy(bytes: Uint8Array, name = "The array"): NpyArray {
  const refuse = (reason: string) => new SamError("file-unreadable", `${name} ${reason}.`);
  if (bytes.length < 12 || magic.some((byte, index) => bytes[index] !== byte)) {
    throw refuse("is not a .npy file (it does not begin with \\x93NUMPY)");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  if (bytes[6]! < 1 || bytes[6]! > 3) throw refuse(`has .npy version ${bytes[6]}; 1 to 3 are read`);
  const headerStart = wide ? 12 : 10;
  const dataStart = headerStart + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(headerStart, dataStart));
  const parsed = dataStart <= bytes.length ? parseHeader(header) : undefined;
  if (!parsed) throw refuse("has a damaged .npy header");
  const { descr, fortranOrder, shape } = parsed;
  const itemSize = itemSizes[descr];
  if (!itemSize)
    throw refuse(`holds values of type ${descr}; float16, 32, 64 (<f2, <f4, <f8), uint8 and bool are read`);
  const data = new Uint8Array(bytes.subarray(dataStart));
  if (data.length !== elementCount(shape) * itemSize) {
    throw refuse(
      `has ${data.length} bytes of values, but its shape (${shape}) of ${descr} needs another number`,
    );
  }
  return { shape, data: decode(descr, data, fortranOrder ? shape : undefined) };
}

/**
 * The bytes of a `.npy` file (format 1.0), as `numpy.save` writes them: float32 (`<f4`) or uint8 (`|u1`).
 *
 * @param data dense row-major, as many values as the shape has
 *
 * @example
 * const npy = writeNpy({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
 * console.log(readNpy(npy).shape); // [ 2, 2 ]
 */
export function writeNpy({
  shape,
  data,
}: {
  shape: readonly number[];
  data: Float32Array | Uint8Array;
}): Uint8Array<ArrayBuffer> {
  if (data.length !== elementCount(shape)) {
    throw new SamError("option-invalid", `An array of shape (${shape}) cannot hold ${data.length} values.`);
  }
  const descr = data instanceof Float32Array ? "<f4" : "|u1";
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // Padded with spaces to a multiple of 64 and ended by a line feed, so that the values are aligned.
  const headerLength = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + headerLength + data.byteLength);
  bytes.set([...magic, 1, 0, headerLength & 255, headerLength >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(headerLength - 1)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + headerLength);
  return bytes;
}

interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** Reads the header, a Python dictionary of three known keys; anything else gives undefined. */
function parseHeader(text: string): NpyHeader | undefined {
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /['"]shape['"]\s*:\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || tuple === undefined) return undefined;
  const parts = tuple.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const shape = parts.map(Number);
  if (shape.length > maxRank || parts.includes("") || !shape.every(Number.isSafeInteger)) return undefined;
  return { descr, fortranOrder: order === "True", shape };
}

function decode(descr: string, bytes: Uint8Array<ArrayBuffer>, columnMajor: readonly number[] | undefined) {
  const isBytes = descr === "|u1" || descr === "|b1";
  if (isBytes && !columnMajor) return bytes;
  const dtype =
    descr === "<f2" ? "float16" : descr === "<f8" ? "float64" : descr === "<f4" ? "float32" : "uint8";
  const values = toFloat32(dtype, bytes);
  if (!columnMajor) return values;
  const strides = columnMajor.map((_, axis) => elementCount(columnMajor.slice(0, axis)));
  const rows = gatherStrided(values, columnMajor, strides);
  return isBytes ? Uint8Array.from(rows) : rows;
}
