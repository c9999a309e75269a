/**
 * A seeded stream of numbers in [0, 1), the same on every machine (mulberry32 by Tommy Ettinger, public
 * domain algorithm). Good enough for sampling, not for secrets.
 *
 * @example
 * const random = createRandom(1);
 * console.log(random() === createRandom(1)()); // true
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
