/** What running a graph costs, counted from its shapes: a measure that no machine's load disturbs. */
import { SamError } from "@segany/masks";
import { type Extents, elementCount } from "./extents.js";
import { countNodeFlops } from "./node-flops.js";
import type { Graph, GraphDtype } from "./types.js";

/** Work and traffic of one run. */
export interface GraphWork {
  /** Floating-point (or eight-bit) operations in all; a multiplication and its addition are two. */
  readonly flops: number;
  /** The same by operator, largest first; operators that only move data are left out. */
  readonly flopsByOperator: Readonly<Record<string, number>>;
  /** Bytes of the graph's constants. */
  readonly weightBytes: number;
  /**
   * Bytes of everything that nodes write, as if none were joined: an upper bound of memory traffic's writing
   * half.
   */
  readonly activationBytes: number;
}

const BYTES: Readonly<Record<GraphDtype, number>> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  int8: 1,
  bool: 1,
};

/**
 * Counts the work of a graph.
 *
 * @param extents what the graph's symbolic extents stand for, such as { B: 8, N: 2 }
 * @throws SamError `graph-invalid` for a symbolic extent without a value, or an operator that nobody has
 *   counted yet
 *
 * @example
 * import { matmul } from "@segany/graph/ops";
 * const g = createGraphBuilder("linear", new Map([["w", { shape: [3, 2] }]]));
 * g.output("y", matmul(g, g.input("x", "float32", ["N", 3]), g.weight("w")));
 * console.log(countWork(g.finish(), { N: 10 }).flops); // 120
 */
export function countWork(graph: Graph, extents: Extents = {}): GraphWork {
  const flops = new Map<string, number>();
  const shapeOf = (name: string) => {
    const value = graph.values.get(name);
    if (value) return value;
    throw new SamError("graph-invalid", `Graph ${graph.name} has no value ${name}.`);
  };
  let activationBytes = 0;
  for (const node of graph.nodes) {
    const outputs = node.outputs.map(shapeOf);
    for (const output of outputs)
      activationBytes += elementCount(output.shape, extents) * BYTES[output.dtype];
    const inputs = node.inputs.map((name) => (name === "" ? undefined : shapeOf(name)));
    const count = countNodeFlops(node, inputs, outputs, extents);
    if (count > 0) flops.set(node.opType, (flops.get(node.opType) ?? 0) + count);
  }
  const weightBytes = graph.initializers.reduce(
    (total, { shape, dtype }) => total + elementCount(shape, extents) * BYTES[dtype],
    0,
  );
  return {
    flops: [...flops.values()].reduce((a, b) => a + b, 0),
    flopsByOperator: Object.fromEntries([...flops].sort((a, b) => b[1] - a[1])),
    weightBytes,
    activationBytes,
  };
}
