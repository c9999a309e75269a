import fc from "fast-check";
import type { Mask } from "../types.js";

/** A mask drawn in rows of "0"/"." (outside) and "1"/"#" (inside). */
export function maskOf(rows: readonly string[]): Mask {
  const pixels = [...rows.join("")].map((character) => Number(character === "1" || character === "#"));
  return { width: rows[0]?.length ?? 0, height: rows.length, data: Uint8Array.from(pixels) };
}

/** A mask of independent random pixels, large enough to outgrow what the kernels allocate at first. */
export function noiseMask(width: number, height: number, density: number): Mask {
  const data = Uint8Array.from({ length: width * height }, (_, i) => Number(noise(1, i, width) < density));
  return { width, height, data };
}

/** Small masks of every density, a good part of them with large even patches. */
export const maskArbitrary: fc.Arbitrary<Mask> = fc
  .record({
    width: fc.integer({ min: 1, max: 21 }),
    height: fc.integer({ min: 1, max: 21 }),
    seed: fc.integer(),
    density: fc.constantFrom(0, 0.05, 0.3, 0.5, 0.8, 0.97, 1),
    cell: fc.constantFrom(1, 1, 3, 5),
  })
  .map(({ width, height, seed, density, cell }) => {
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i++) {
      const x = Math.floor((i % width) / cell);
      const y = Math.floor(i / width / cell);
      data[i] = Number(noise(seed, x, y) < density);
    }
    return { width, height, data };
  });

/** A number 0..1 that depends on all three in no visible way. */
function noise(seed: number, x: number, y: number): number {
  let hash = Math.imul(seed ^ Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** Two masks of one size. */
export const maskPairArbitrary: fc.Arbitrary<[Mask, Mask]> = fc
  .tuple(maskArbitrary, fc.integer(), fc.constantFrom(0.1, 0.5, 0.9))
  .map(([mask, seed, density]) => {
    const data = mask.data.map((_, i) => Number(noise(seed, i % mask.width, i) < density));
    return [mask, { width: mask.width, height: mask.height, data }];
  });
