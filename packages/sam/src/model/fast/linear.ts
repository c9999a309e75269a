/** Linear layers of the fast forms: the one place where a layer's arithmetic is chosen. */
import type { GraphBuilder } from "../../graph/builder.js";
import { gemm } from "../../graph/ops/linear.js";
import type { Value } from "../../graph/types.js";

/**
 * A group of a layer's outputs, as query, key and value are of a joint projection: [index · size, (index + 1) · size).
 * Where the groups alternate within each of several heads, every head gives its share of `size`.
 */
export interface OutputGroup {
  readonly index: number;
  readonly size: number;
  /** Heads that the groups alternate within; 1 where each group stands in one piece. */
  readonly heads?: number;
}

/**
 * x · weightᵀ + bias on rows [N, in], with `<prefix>.weight` [out, in] and, where the checkpoint has it,
 * `<prefix>.bias`. The checkpoint's own layout is kept: with thousands of rows a transposed copy was no faster.
 */
export function linearRows(g: GraphBuilder, x: Value, prefix: string, group?: OutputGroup): Value {
  const columns = x.shape.at(-1) as number;
  const weight = group
    ? groupOf(g, `${prefix}.weight`, group, [group.size, columns])
    : g.weight(`${prefix}.weight`);
  if (!g.hasWeight(`${prefix}.bias`)) return gemm(g, x, weight, undefined, { transB: true });
  const bias = group ? groupOf(g, `${prefix}.bias`, group, [group.size]) : g.weight(`${prefix}.bias`);
  return gemm(g, x, weight, bias, { transB: true });
}

/** The outputs of one group, as a constant of the given shape. */
function groupOf(
  g: GraphBuilder,
  key: string,
  { index, heads = 1 }: OutputGroup,
  shape: readonly number[],
): Value {
  const count = shape.reduce((a, b) => a * b, 1);
  return g.computed(`${key}.group${index}`, shape, async (load) => {
    const all = await load(key);
    const [stride, share] = [all.length / heads, count / heads];
    const group = new Float32Array(count);
    for (let head = 0; head < heads; head++) {
      const start = head * stride + index * share;
      group.set(all.subarray(start, start + share), head * share);
    }
    return group;
  });
}
