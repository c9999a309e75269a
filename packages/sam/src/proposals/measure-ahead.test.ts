import { describe, expect, it } from "vitest";
import type { Candidate } from "./candidate.js";
import { measureAhead } from "./measure-ahead.js";

/** Candidates whose stability takes a millisecond. */
function slowCandidates(count: number): { candidates: Candidate[]; measured: Set<number> } {
  const measured = new Set<number>();
  const candidates = Array.from({ length: count }, (_, i) => ({
    get stabilityScore() {
      const end = performance.now() + 1;
      while (performance.now() < end);
      measured.add(i);
      return 1;
    },
  }));
  return { candidates: candidates as unknown as Candidate[], measured };
}

describe("measuring ahead", () => {
  it("measures every candidate and lets other work come between", async () => {
    const { candidates, measured } = slowCandidates(60);
    const seen: number[] = [];
    const timer = setInterval(() => seen.push(measured.size), 1);
    await measureAhead(candidates, () => true);
    clearInterval(timer);
    expect(measured.size).toBe(60);
    expect(seen.some((count) => count > 0 && count < 60)).toBe(true);
  });

  it("ends when it is not wanted any more, before it has begun or later", async () => {
    const { candidates, measured } = slowCandidates(60);
    await measureAhead(candidates, () => false);
    expect(measured.size).toBe(0);
    await measureAhead(candidates, () => measured.size < 20);
    expect(measured.size).toBeGreaterThanOrEqual(20);
    expect(measured.size).toBeLessThan(60);
  });
});
