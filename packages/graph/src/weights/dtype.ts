import type { TensorDtype } from "./types.js";

/** Bytes of one element as stored by PyTorch and safetensors. */
export const dtypeSizes: Readonly<Record<TensorDtype, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/**
 * Little-endian elements as float32, rounded to nearest where they do not fit. Every platform JavaScript runs
 * on is little-endian, so typed arrays are laid over the bytes; float32 input is not copied but handed back
 * as a view.
 *
 * @param bytes whole elements; an array of its own, starting anywhere in its buffer
 *
 * @example
 * console.log(toFloat32("float16", Uint8Array.of(0x00, 0x3c))); // Float32Array(1) [ 1 ]
 */
export function toFloat32(dtype: TensorDtype, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const aligned = bytes.byteOffset % dtypeSizes[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const args = [aligned.buffer, aligned.byteOffset, aligned.byteLength / dtypeSizes[dtype]] as const;
  switch (dtype) {
    case "float32":
      return new Float32Array(...args);
    case "float64":
      return new Float32Array(new Float64Array(...args));
    case "float16":
      return mapBits(new Uint16Array(...args), float16Values());
    case "bfloat16":
      return widenBfloat16(new Uint16Array(...args));
    case "int64":
      return Float32Array.from(new BigInt64Array(...args), Number);
    case "int32":
      return new Float32Array(new Int32Array(...args));
    case "int16":
      return new Float32Array(new Int16Array(...args));
    case "int8":
      return new Float32Array(new Int8Array(...args));
    case "uint8":
      return new Float32Array(aligned);
    case "bool":
      return Float32Array.from(aligned, (byte) => (byte === 0 ? 0 : 1));
  }
}

/** Float32 counts exactly up to here. */
const MAX_EXACT = 2 ** 24;

/** The whole numbers that float32 counts to and that a type has. */
const WHOLE_RANGES = {
  int64: [-MAX_EXACT, MAX_EXACT],
  int32: [-MAX_EXACT, MAX_EXACT],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
} as const;

/**
 * The inverse of {@link toFloat32} for the types that are written: little-endian elements, those of float32
 * as a view of the values.
 *
 * @returns nothing where a value isn't one of the type, or one of many that float32 can't tell apart
 */
export function encodeValues(
  dtype: "float32" | keyof typeof WHOLE_RANGES,
  values: Float32Array,
): Uint8Array | undefined {
  if (dtype === "float32") return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const [least, most] = WHOLE_RANGES[dtype];
  if (!values.every((value) => Number.isInteger(value) && value >= least && value <= most)) return undefined;
  return new Uint8Array(wholeNumbers(dtype, values).buffer);
}

function wholeNumbers(dtype: keyof typeof WHOLE_RANGES, values: Float32Array) {
  switch (dtype) {
    case "int64":
      return BigInt64Array.from(values, BigInt);
    case "int32":
      return Int32Array.from(values);
    case "int16":
      return Int16Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "uint8":
    case "bool":
      return Uint8Array.from(values);
  }
}

function mapBits(bits: Uint16Array, values: Float32Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = values[bits[i]!]!;
  return result;
}

/** A bfloat16 is the upper half of a float32. */
function widenBfloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return new Float32Array(wide.buffer);
}

let float16Table: Float32Array | undefined;

/** The value of each of the 65,536 half floats by its bits (IEEE 754 binary16); built once, 256 KiB. */
function float16Values(): Float32Array {
  if (float16Table) return float16Table;
  float16Table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) float16Table[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else if (exponent === 0) float16Table[bits] = sign * fraction * 2 ** -24;
    else float16Table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return float16Table;
}
