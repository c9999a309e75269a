const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/**
 * Values as half floats (IEEE 754 binary16), rounded to the nearest, ties to even; half the bytes of an
 * embedding on its way to a page.
 *
 * @returns the bits of each value
 *
 * @example
 * console.log(toFloat16Bits(Float32Array.of(1, -2))); // Uint16Array(2) [ 15360, 49152 ]
 */
export function toFloat16Bits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    word[0] = values[i]!;
    result[i] = halfOf(bits[0]!);
  }
  return result;
}

/** @param wide the bits of a float32 */
function halfOf(wide: number): number {
  const sign = (wide >>> 16) & 0x8000;
  const magnitude = wide & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more round to infinity
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13); // 2^-14 and more
  if (magnitude <= 0x33000000) return sign; // 2^-25 and less round to zero
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  return sign | roundShift(fraction, 126 - (magnitude >>> 23));
}

/** Drops the low bits, to the nearest, ties to even. A carry into the exponent is right as it is. */
function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const odd = (value >>> shift) & 1;
  return (value + half - 1 + odd) >>> shift;
}
