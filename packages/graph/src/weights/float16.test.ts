import fc from "fast-check";
import { expect, test } from "vitest";
import { toFloat32 } from "./dtype.js";
import { toFloat16Bits } from "./float16.js";

const bitsOf = (...values: number[]) => [...toFloat16Bits(Float32Array.from(values))];

test("known values have the bits of IEEE 754 binary16", () => {
  expect(bitsOf(0, -0, 1, -2, 0.5, 65504, 2 ** -14, 2 ** -24)).toEqual([
    0x0000, 0x8000, 0x3c00, 0xc000, 0x3800, 0x7bff, 0x0400, 0x0001,
  ]);
});

test("what is too large becomes infinite, what is too small zero, and what is no number stays none", () => {
  expect(bitsOf(65519, 65520, -1e9, Infinity, 2 ** -25, 2 ** -25 * 1.01, Number.NaN)).toEqual([
    0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x0000, 0x0001, 0x7e00,
  ]);
});

test("halfway between two neighbours the even one is taken", () => {
  const step = 2 ** -10; // between 1 and 2
  expect(bitsOf(1 + step / 2, 1 + step * 1.5)).toEqual([0x3c00, 0x3c02]);
});

test("every half float comes back as it was", () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const values = toFloat32("float16", new Uint8Array(all.buffer));
  const back = toFloat16Bits(values);
  for (let i = 0; i < all.length; i++) if (!Number.isNaN(values[i])) expect(back[i]).toBe(all[i]);
});

test("a value moves by at most half a step", () => {
  fc.assert(
    fc.property(fc.float({ min: -60_000, max: 60_000, noNaN: true }), (value) => {
      const [back] = toFloat32("float16", new Uint8Array(toFloat16Bits(Float32Array.of(value)).buffer));
      expect(Math.abs(back! - value)).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
    }),
  );
});
