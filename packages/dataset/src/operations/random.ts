/** Random whole numbers that depend on the seed alone. */
export interface Random {
  /** 0 to `bound` - 1, each as likely. */
  below(bound: number): number;
}

/**
 * Begins a sequence of random numbers (Mulberry32 by Tommy Ettinger): 32 bits of state, plenty for choosing
 * images, and nothing to keep a secret with.
 *
 * @param seed any whole number
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  // Two draws give 53 bits, so that the remainder favours no number that anyone could notice.
  const unit = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  return { below: (bound) => Math.floor(unit() * bound) };
}

/** Brings numbers into a random order, in place (Fisher and Yates). */
export function shuffle(values: Uint32Array, random: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const value = values[i]!;
    values[i] = values[j]!;
    values[j] = value;
  }
}
