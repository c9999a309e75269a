import { describe, expect, it } from "vitest";
import { bestThreshold } from "./edge-metrics.js";

describe("the best threshold of an image", () => {
  it("is the highest of those with the best F-measure", () => {
    const counts = { edges: [8, 4, 4, 2], matchedEdges: [4, 4, 4, 2], boundaries: [4, 4, 4, 4] };
    expect(bestThreshold({ ...counts, matchedBoundaries: [4, 4, 4, 2] })).toBe(2);
    expect(bestThreshold({ ...counts, matchedBoundaries: [0, 0, 0, 0] })).toBe(3);
  });
});
