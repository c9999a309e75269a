/** Most times that count. */
const MAX_TIMES = 32;

/** How long the latest encodings took. */
export interface PastTimes {
  add(timeMs: number): void;
  /** The time to expect of the next one, milliseconds; null before the first. */
  median(): number | null;
}

export function createPastTimes(): PastTimes {
  const timesMs: number[] = [];
  return {
    add(timeMs) {
      timesMs.push(timeMs);
      if (timesMs.length > MAX_TIMES) timesMs.shift();
    },
    median() {
      const sorted = [...timesMs].sort((a, b) => a - b);
      return sorted[sorted.length >> 1] ?? null;
    },
  };
}
