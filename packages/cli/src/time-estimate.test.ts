import { describe, expect, it } from "vitest";
import { createTimeEstimate } from "./time-estimate.js";

/** Shares of work at given milliseconds, and what is said of them. */
function estimates(...steps: readonly (readonly [ms: number, share: number])[]): (string | undefined)[] {
  let ms = 0;
  const estimate = createTimeEstimate(() => ms);
  return steps.map(([at, share]) => {
    ms = at;
    return estimate(share);
  });
}

describe("createTimeEstimate", () => {
  it("takes the rest to go as fast as the work so far", () => {
    expect(estimates([0, 0], [10_000, 0.25], [20_000, 0.5])).toEqual([
      undefined,
      "about 30 s left",
      "about 20 s left",
    ]);
  });

  it("counts from where it was asked first", () => {
    expect(estimates([5000, 0.5], [15_000, 0.75])).toEqual([undefined, "about 10 s left"]);
  });

  it("is silent while nothing is known, and at the end", () => {
    expect(estimates([0, 0], [1000, 0.1], [60_000, 0], [60_000, 1])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("speaks of minutes and hours where there are many seconds", () => {
    expect(estimates([0, 0], [60_000, 0.2], [60_000, 0.005])).toEqual([
      undefined,
      "about 4 min left",
      "about 3.3 h left",
    ]);
  });
});
