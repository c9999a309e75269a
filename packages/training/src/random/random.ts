import { TrainingError } from "../errors.js";

/** All that a generator's next numbers depend on: four 32-bit whole numbers, not all 0. */
export type RandomState = readonly [number, number, number, number];

/** Random numbers that depend on the seed alone, and that go on from a saved state as if never stopped. */
export interface Random {
  /** In [0, 1), of 53 bits. */
  unit(): number;
  /** 0 to `bound` - 1, each as likely. */
  below(bound: number): number;
  /** Of the normal distribution with mean 0 and deviation 1. */
  normal(): number;
  /** For {@link restoreRandom}: plain data, exact as JSON. */
  state(): RandomState;
}

/**
 * Begins a sequence of random numbers.
 *
 * @param seed any whole number; its lower 32 bits count
 *
 * @example
 * const random = createRandom(1);
 * console.log(random.below(100) === createRandom(1).below(100)); // true
 */
export function createRandom(seed: number): Random {
  const next = splitMix32(seed);
  return generatorOf([next(), next(), next(), next()]);
}

/**
 * Continues a sequence where {@link Random.state} was called.
 *
 * @throws TrainingError `option-invalid` for what is no state
 *
 * @example
 * const random = createRandom(1);
 * const later = restoreRandom(random.state());
 * console.log(random.unit() === later.unit()); // true
 */
export function restoreRandom(state: RandomState): Random {
  const isState =
    Array.isArray(state) &&
    state.length === 4 &&
    state.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32) &&
    state.some((word) => word !== 0);
  if (isState) return generatorOf(state);
  throw new TrainingError(
    "option-invalid",
    "The saved state of the random numbers is not four 32-bit whole numbers. Is the file of the run damaged?",
  );
}

/**
 * xoshiro128** 1.1 by David Blackman and Sebastiano Vigna (public domain, prng.di.unimi.it): 128 bits of
 * state, and nothing to keep a secret with. Numbers of one kind never depend on one that was kept for later,
 * so that the state is all.
 */
function generatorOf([s0, s1, s2, s3]: RandomState): Random {
  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9);
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return result >>> 0;
  };
  const unit = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  return {
    unit,
    below: (bound) => Math.floor(unit() * bound),
    // Box and Muller's method; 1 - unit() is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    state: () => [s0 >>> 0, s1 >>> 0, s2 >>> 0, s3 >>> 0],
  };
}

/** The values in a random order, each order as likely (Fisher and Yates). */
export function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Spreads a seed over many words (SplitMix32, the finaliser of MurmurHash3), as xoshiro's authors advise. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}
