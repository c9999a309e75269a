import { expect, it } from "vitest";
import { hostileRleCase } from "../../masks/src/testing/hostile-rles.js";

it("never crashes, hangs or succeeds wrongly on 10,000 mutated RLE strings", () => {
  const outcomes = Array.from({ length: 10_000 }, (_, seed) => hostileRleCase(1_000_000 + seed));
  expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(5000);
  expect(outcomes.filter((outcome) => outcome === "accepted").length).toBeGreaterThan(0);
});
