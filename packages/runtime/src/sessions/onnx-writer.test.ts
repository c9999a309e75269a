import { createGraphBuilder } from "@segany/graph";
import { writeModelWithExternalData } from "@segany/graph/onnx";
import { add, gelu, gemm, reshape } from "@segany/graph/ops";
import { describe, expect, it } from "vitest";
import { floats, runGraph } from "../testing/run-graph.js";
import { createNodeSession } from "./node-session.js";

const weights = new Map([
  ["w", { shape: [2, 3] }],
  ["b", { shape: [2] }],
]);
const values: Record<string, Float32Array> = {
  w: Float32Array.of(1, 2, 3, 4, 5, 6),
  b: Float32Array.of(10, 20),
};
const load = async (key: string) => values[key]!;

describe("writing ONNX models", () => {
  it("computes a linear layer as written out by hand, with a batch that is only known when it runs", async () => {
    const g = createGraphBuilder("linear", weights);
    const x = g.input("x", "float32", ["B", 3]);
    g.output("y", gemm(g, x, g.weight("w"), g.weight("b"), { transB: true }));
    const { y } = await runGraph(g.finish(), load, { x: floats([1, 0, 0, 0, 1, 1], [2, 3]) });
    expect([...(y!.data as Float32Array)]).toEqual([11, 24, 15, 31]);
  });

  it("composes the Gaussian error unit below opset 20 to the same values", async () => {
    const inputs = floats([-3, -1, -0.1, 0, 0.5, 2], [6]);
    for (const approximate of ["none", "tanh"] as const) {
      const results = [];
      for (const opset of [17, 20]) {
        const g = createGraphBuilder("gelu", new Map(), opset);
        g.output("y", gelu(g, g.input("x", "float32", [6]), approximate));
        results.push((await runGraph(g.finish(), load, { x: inputs })).y!.data as Float32Array);
      }
      for (let i = 0; i < 6; i++) expect(results[0]![i]).toBeCloseTo(results[1]![i]!, 6);
    }
  });

  it("lays weights beside the model, each beginning on a page of its own", async () => {
    const g = createGraphBuilder("outside", new Map());
    const big = g.computed("big", [512], async () => new Float32Array(512).fill(2));
    const second = g.computed("second", [512], async () => new Float32Array(512).fill(3));
    g.output("y", add(g, reshape(g, g.input("x", "float32", [512]), [512]), add(g, big, second)));
    const chunks: Uint8Array[] = [];
    const model = await writeModelWithExternalData(
      g.finish(),
      load,
      "weights.bin",
      async (bytes) => void chunks.push(bytes.slice()),
    );
    const file = Buffer.concat(chunks);
    expect(file.byteLength).toBe(65_536 + 2048);
    expect(file.readFloatLE(0)).toBe(2);
    expect(file.readFloatLE(65_536)).toBe(3);
    await expect(createNodeSession(model)).rejects.toMatchObject({ code: "inference-failed" });
  });

  it("refuses a tensor whose values do not fill its shape", async () => {
    const g = createGraphBuilder("wrong", new Map([["w", { shape: [7] }]]));
    g.output("y", add(g, g.weight("w"), g.input("x", "float32", [7])));
    await expect(runGraph(g.finish(), load, {})).rejects.toMatchObject({ code: "graph-invalid" });
  });
});
