import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dtypeSizes, toFloat32 } from "./dtype.js";
import type { TensorDtype } from "./types.js";

const bytesOf = (array: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe("half floats", () => {
  const cases: [bits: number, value: number][] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3c00, 1],
    [0x3555, 0.333251953125],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ];
  for (const [bits, value] of cases) {
    it(`reads 0x${bits.toString(16)} as ${value}`, () => {
      expect(toFloat32("float16", bytesOf(Uint16Array.of(bits)))).toEqual(Float32Array.of(value));
    });
  }

  it("reads bfloat16 as the upper half of a float32", () => {
    const bits = Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001);
    expect([...toFloat32("bfloat16", bytesOf(bits))]).toEqual([1, -3, Number.POSITIVE_INFINITY, 2 ** -133]);
  });
});

describe("every element type", () => {
  const arrays: [TensorDtype, ArrayBufferView<ArrayBuffer>, number[]][] = [
    ["float64", Float64Array.of(0.1, -1e300), [Math.fround(0.1), Number.NEGATIVE_INFINITY]],
    ["float32", Float32Array.of(1.5, -2), [1.5, -2]],
    ["int64", BigInt64Array.of(-3n, 2n ** 40n), [-3, 2 ** 40]],
    ["int32", Int32Array.of(-7, 2 ** 30), [-7, 2 ** 30]],
    ["int16", Int16Array.of(-300, 5), [-300, 5]],
    ["int8", Int8Array.of(-128, 127), [-128, 127]],
    ["uint8", Uint8Array.of(0, 255), [0, 255]],
    ["bool", Uint8Array.of(0, 7), [0, 1]],
  ];
  for (const [dtype, array, expected] of arrays) {
    it(`reads ${dtype}, aligned or not`, () => {
      const bytes = bytesOf(array);
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      expect([...toFloat32(dtype, bytes)]).toEqual(expected);
      expect([...toFloat32(dtype, shifted.subarray(1))]).toEqual(expected);
    });
  }

  it("gives one value for each element", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(dtypeSizes) as TensorDtype[])),
        fc.nat(64),
        (dtype, count) => {
          expect(toFloat32(dtype, new Uint8Array(count * dtypeSizes[dtype])).length).toBe(count);
        },
      ),
    );
  });
});
