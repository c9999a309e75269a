/** For tests: runs a graph in memory. */

import type { Graph, WeightLoader } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { createNodeSession } from "../sessions/node-session.js";
import type { RunTensor } from "../sessions/types.js";

/** Runs a graph once with weights from `load`. */
export async function runGraph(
  graph: Graph,
  load: WeightLoader,
  feeds: Readonly<Record<string, RunTensor>>,
): Promise<Record<string, RunTensor>> {
  const session = await createNodeSession(await writeModel(graph, load), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

/** A float32 tensor to feed. */
export function floats(data: Float32Array | readonly number[], shape: readonly number[]): RunTensor {
  return { dtype: "float32", shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
