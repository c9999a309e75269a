import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { drawPath, dropRate } from "./drop-path.js";

const scalesOf = (path: ReturnType<typeof drawPath>) =>
  Object.values(path).map(({ data }) => Number(data[0]));

it("leaves out more with depth: 0 at first, the whole rate in the last block", () => {
  expect([0, 1, 2].map((block) => dropRate(block, 3, 0.4))).toEqual([0, 0.2, 0.4]);
  expect(dropRate(0, 1, 0.4)).toBe(0);
});

it("scales what stays, so that the expectation is kept", () => {
  const random = createRandom(1);
  const draws = Array.from({ length: 4000 }, () => scalesOf(drawPath([0, 0.2, 0.5], random)));
  for (const [i, [rate, scale]] of [
    [0, 1],
    [0.2, 1.25],
    [0.5, 2],
  ].entries()) {
    const scales = draws.map((draw) => draw[i]!);
    expect(scales.filter((value) => value === 0).length / 4000).toBeCloseTo(rate!, 1);
    expect([...new Set(scales)].sort()).toEqual(rate === 0 ? [scale] : [0, scale]);
    expect(scales.reduce((sum, value) => sum + value, 0) / 4000).toBeCloseTo(1, 1);
  }
});

it("leaves none out without random numbers", () => {
  expect(scalesOf(drawPath([0.2, 0.5]))).toEqual([1, 1]);
});
