import type { Graph } from "@segany/graph";

/**
 * Raised by hand when a computed weight's formula changes without a change of the graph's shape; everything
 * else that a built graph depends on is in the key by itself.
 */
const BUILDER_VERSION = 1;

/**
 * Everything that a built graph depends on, in parts to be hashed: its structure, then the values of its
 * constants.
 */
export function* graphKeyParts(
  graph: Graph,
  checkpointSha256: string,
  runtimeVersion: string,
): Generator<string | Uint8Array> {
  const { name, opset, inputs, outputs, nodes, initializers } = graph;
  yield JSON.stringify({
    version: BUILDER_VERSION,
    checkpointSha256,
    runtimeVersion,
    name,
    opset,
    inputs,
    outputs,
    nodes,
    initializers: initializers.map(({ source, ...described }) => ({ ...described, source: source.kind })),
  });
  for (const { source } of initializers) {
    if (source.kind === "inline") {
      yield new Uint8Array(source.data.buffer, source.data.byteOffset, source.data.byteLength);
    }
  }
}
