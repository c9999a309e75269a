/** Tries one device, whose name is the argument, on x + 1 and tells the parent process what became of it. */
import { createGraphBuilder } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { add } from "@segany/graph/ops";
import { createNodeSession } from "../sessions/node-session.js";
import { resolveDevice } from "./node-devices.js";
import type { DeviceFinding } from "./node-providers.js";

const { device } = resolveDevice({ device: process.argv[2]! });
const finding = await compute().then(
  (right): DeviceFinding => ({ device, works: right, reason: right ? "" : "It computes wrong results." }),
  (error: unknown): DeviceFinding => ({ device, works: false, reason: reasonOf(error) }),
);
process.send!(finding, () => process.exit());

async function compute(): Promise<boolean> {
  const g = createGraphBuilder("small", new Map());
  const x = g.input("x", "float32", [2]);
  g.output("y", add(g, x, g.constant(Float32Array.of(1), [1])));
  const noWeights = () => Promise.reject(new Error("There are no weights."));
  const session = await createNodeSession(await writeModel(g.finish(), noWeights), { device });
  const { y } = await session.run({ x: { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } });
  return y!.data[0] === 2 && y!.data[1] === 3;
}

/** What ONNX Runtime says, in one line and without the place in its source. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const text = cause instanceof Error ? cause.message : message;
  return text
    .replace(/^\/\S+:\d+ .*? was false\. /, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
