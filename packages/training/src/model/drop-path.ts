/** Drop path, or stochastic depth (Huang et al., arXiv 1603.09382): steps leave residual branches out. */
import type { GraphBuilder, Value } from "@segany/graph";
import { mul } from "@segany/graph/ops";
import type { RunTensor } from "@segany/runtime";
import type { ResidualBranch } from "@segany/sam/training";
import type { Random } from "../random/random.js";

/** The scale of each branch, as inputs of the graph. */
export type Path = Readonly<Record<string, RunTensor>>;

/**
 * How often the branches of a block are left out: evenly more with depth, from 0 in the first block to `rate`
 * in the last one, as in ViTDet.
 *
 * @param block counted from 0
 */
export function dropRate(block: number, depth: number, rate: number): number {
  return depth > 1 ? (rate * block) / (depth - 1) : 0;
}

/** Puts each branch that is built times an input of the graph, and collects the branches' blocks. */
export function scaledBranches(g: GraphBuilder, blocks: number[]): ResidualBranch {
  return (branch: Value, block: number) => {
    const scale = g.input(scaleName(blocks.length), "float32", []);
    blocks.push(block);
    return mul(g, branch, scale);
  };
}

/**
 * Draws which branches are left out. Those that stay are scaled up, so that the expectation of each is
 * itself.
 *
 * @param rates of each branch
 * @param random without it none is left out, and all are as they are
 */
export function drawPath(rates: readonly number[], random?: Random): Path {
  const scale = (rate: number) => (random ? (random.unit() < rate ? 0 : 1 / (1 - rate)) : 1);
  const feed = (rate: number): RunTensor => ({
    dtype: "float32",
    shape: [],
    data: Float32Array.of(scale(rate)),
  });
  return Object.fromEntries(rates.map((rate, i) => [scaleName(i), feed(rate)]));
}

function scaleName(branch: number): string {
  return `scale of branch ${branch}`;
}
