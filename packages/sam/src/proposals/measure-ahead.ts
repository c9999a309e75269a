import type { Candidate } from "./candidate.js";
import { nextTurn } from "./propose-crop.js";

/** How long other work may have to wait. */
const SLICE_MS = 8;

/**
 * Measures the stability of candidates that nothing has asked for yet, a little at a time between other work: once
 * that is done, thresholds move without a wait. Picking masks meanwhile measures what it needs by itself.
 *
 * @param isWanted asked before every slice: false ends it
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
