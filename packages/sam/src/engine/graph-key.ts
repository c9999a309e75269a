import type { Graph } from "../graph/types.js";

/**
 * Raised by hand when a computed weight's formula changes without a change of the graph's shape; everything else that
 * a built graph depends on is in the key by itself.
 */
const BUILDER_VERSION = 1;

/** Everything that a built graph depends on, as text to be hashed. */
export function graphKeyText(graph: Graph, checkpointSha256: string, runtimeVersion: string): string {
  const structure = {
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes: graph.nodes,
    initializers: graph.initializers.map(({ name, dtype, shape, source }) => ({
      name,
      dtype,
      shape,
      source: source.kind === "inline" ? Array.from(source.data as Float32Array, String).join() : source.kind,
    })),
  };
  return JSON.stringify({
    version: BUILDER_VERSION,
    checkpointSha256,
    runtimeVersion,
    name: graph.name,
    opset: graph.opset,
    structure,
  });
}
