import type { Candidate } from "./candidate.js";
import { nextTurn } from "./propose-crop.js";

/** Longest delay of other work. */
const SLICE_MS = 8;

/**
 * Measures the stability of candidates in advance, in small slices between other work, so that later
 * threshold changes are immediate. Selecting masks in the meantime measures what it needs by itself.
 *
 * @param isWanted called before every slice: false stops measuring
 */
export async function measureAhead(candidates: readonly Candidate[], isWanted: () => boolean): Promise<void> {
  let next = 0;
  while (next < candidates.length) {
    await nextTurn();
    if (!isWanted()) return;
    const end = performance.now() + SLICE_MS;
    while (next < candidates.length && performance.now() < end) void candidates[next++]!.stabilityScore;
  }
}
