import { exclusiveBox, imagePoint, inclusiveBox, maskToRuns } from "@segany/masks";
import { describe, expect, it, vi } from "vitest";
import type { Stability } from "../postprocessing/mask-stability.js";
import { createCandidate, type UpscalingTools } from "./candidate.js";

const crop = { boxXyxy: exclusiveBox([4, 2, 8, 6]), layer: 1 };

/**
 * A candidate of a crop of 4 x 4 pixels in an image of 10 x 8; what measuring it gives is the test's to say.
 */
function setUp(measured: readonly Stability[] = []) {
  const answers = [...measured];
  const stability = vi.fn((..._: unknown[]) => answers.shift()!);
  const toRuns = vi.fn(() => maskToRuns({ width: 4, height: 4, data: new Uint8Array(16).fill(1) }));
  const tools = {
    upscaler: { stability, toRuns },
    scratch: new Float32Array(16),
  } as unknown as UpscalingTools;
  const proposal = {
    logits: new Float32Array(16).fill(5),
    predictedIou: 0.9,
    point: imagePoint([5, 3]),
    boxInCropXyxy: inclusiveBox([0, 1, 3, 3]),
  };
  const task = { crop, imageSize: { width: 10, height: 8 }, stabilityScoreOffset: 1.5 };
  return { candidate: createCandidate(proposal, task, tools), stability, toRuns };
}

describe("a candidate", () => {
  it("has its box and mask in the image, the mask made once", () => {
    const { candidate, toRuns } = setUp();
    expect(candidate.boxXyxy).toEqual([4, 3, 7, 5]);
    expect(candidate.mask()).toMatchObject({ width: 10, height: 8 });
    expect(candidate.mask()).toBe(candidate.mask());
    expect(toRuns).toHaveBeenCalledTimes(1);
  });

  it("measures its stability once", () => {
    const { candidate, stability } = setUp([{ score: 0.8, isExact: true }]);
    expect([candidate.stabilityScore, candidate.stabilityScore]).toEqual([0.8, 0.8]);
    expect([0.7, 0.8, 0.81].map((threshold) => candidate.isStable(threshold))).toEqual([true, true, false]);
    expect(stability.mock.calls.map((call) => call.slice(1))).toEqual([[0, 1.5, undefined]]);
  });

  it("measures only as far as a threshold needs, and again where that doesn't say", () => {
    const { candidate, stability } = setUp([
      { score: 0.6, isExact: false },
      { score: 0.4, isExact: false },
      { score: 0.35, isExact: true },
    ]);
    expect(candidate.isStable(0.9)).toBe(false); // at most 0.6
    expect(candidate.isStable(0.7)).toBe(false); // known already
    expect(candidate.isStable(0.6)).toBe(false); // at most 0.4
    expect(candidate.stabilityScore).toBe(0.35);
    expect(candidate.isStable(0.3)).toBe(true);
    expect(stability.mock.calls.map((call) => call[3])).toEqual([0.9, 0.6, undefined]);
  });
});
