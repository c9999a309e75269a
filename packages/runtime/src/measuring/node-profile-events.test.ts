import { describe, expect, it } from "vitest";
import { readProfile, sumByOperator } from "./node-profile-events.js";

const kernel = (name: string, op: string, dur: number) => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  dur,
  args: { op_name: op },
});

describe("readProfile", () => {
  it("takes the median of the last runs of each node, in their order, and nothing but kernels", () => {
    const events = [
      { cat: "Session", name: "model_run", dur: 9 },
      kernel("b", "Gemm", 90_000), // warms up
      kernel("a", "Add", 5_000),
      ...[3000, 1000, 2000].flatMap((dur) => [kernel("b", "Gemm", dur), kernel("a", "Add", dur / 2)]),
      { cat: "Node", name: "b_fence_before", dur: 7, args: { op_name: "Gemm" } },
    ];
    expect(readProfile(JSON.stringify(events), 3)).toEqual([
      { name: "b", opType: "Gemm", ms: 2 },
      { name: "a", opType: "Add", ms: 1 },
    ]);
  });
});

describe("sumByOperator", () => {
  it("sums nodes of one operator up, longest first", () => {
    const nodes = [
      { name: "a", opType: "Add", ms: 1 },
      { name: "b", opType: "Gemm", ms: 6 },
      { name: "c", opType: "Add", ms: 1 },
    ];
    expect(sumByOperator(nodes)).toEqual([
      { opType: "Gemm", nodes: 1, ms: 6, share: 0.75 },
      { opType: "Add", nodes: 2, ms: 2, share: 0.25 },
    ]);
  });
});
