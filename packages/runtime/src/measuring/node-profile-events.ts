/** Reads the file that ONNX Runtime's profiler writes: a list of events in Chrome's trace format. */

/** One operation of a graph. */
export interface ProfiledNode {
  readonly name: string;
  /** Operator of ONNX or of ONNX Runtime, such as "Gemm". */
  readonly opType: string;
  /** Median over the runs. */
  readonly ms: number;
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly node_index?: string };
}

const KERNEL = "_kernel_time";

/**
 * The nodes in the order of their running, each with its median over the last `runs` runs; earlier ones warm
 * up.
 *
 * @param json the whole file
 *
 * @example
 * const event = { cat: "Node", name: "relu_kernel_time", dur: 1500, args: { op_name: "Relu" } };
 * console.log(readProfile(JSON.stringify([event]), 1)); // [ { name: 'relu', opType: 'Relu', ms: 1.5 } ]
 */
export function readProfile(json: string, runs: number): ProfiledNode[] {
  const byName = new Map<string, { opType: string; times: number[] }>();
  for (const { cat, name, dur, args } of JSON.parse(json) as TraceEvent[]) {
    if (cat !== "Node" || !name?.endsWith(KERNEL) || !args?.op_name) continue;
    const node = name.slice(0, -KERNEL.length);
    const found = byName.get(node) ?? { opType: args.op_name, times: [] };
    found.times.push(dur / 1000);
    byName.set(node, found);
  }
  return [...byName].map(([name, { opType, times }]) => ({
    name,
    opType,
    ms: median(times.slice(-runs)),
  }));
}

/** Time of each operator over all its nodes. */
export interface OperatorTime {
  readonly opType: string;
  readonly nodes: number;
  readonly ms: number;
  /** Of all operators' time. */
  readonly share: number;
}

/**
 * Sums nodes up by operator, longest first.
 *
 * @example
 * const nodes = [
 *   { name: "a", opType: "Gemm", ms: 3 },
 *   { name: "b", opType: "Relu", ms: 1 },
 * ];
 * console.log(sumByOperator(nodes)[0]?.share); // 0.75
 */
export function sumByOperator(nodes: readonly ProfiledNode[]): OperatorTime[] {
  const sums = new Map<string, { nodes: number; ms: number }>();
  for (const { opType, ms } of nodes) {
    const sum = sums.get(opType) ?? { nodes: 0, ms: 0 };
    sums.set(opType, { nodes: sum.nodes + 1, ms: sum.ms + ms });
  }
  const total = nodes.reduce((all, { ms }) => all + ms, 0);
  return [...sums]
    .map(([opType, sum]) => ({ opType, ...sum, share: sum.ms / total }))
    .sort((a, b) => b.ms - a.ms);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
