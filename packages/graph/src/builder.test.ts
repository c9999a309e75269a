import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "./builder.js";
import type { Dim } from "./types.js";

const weights = new Map([["layer.weight", { shape: [4, 2] }]]);
const start = () => createGraphBuilder("test", weights);
const invalid = expect.objectContaining({ code: "graph-invalid" });
const float32 = (...shape: Dim[]) => ({ dtype: "float32" as const, shape });

describe("names in a graph", () => {
  it("are numbered where nobody gave one, results of one node by their place", () => {
    const g = start();
    const x = g.input("x", "float32", ["B", 4]);
    expect(g.scalar(2).name).toBe("constant_0");
    expect(g.node({ opType: "Relu", inputs: [x], outputs: [float32("B", 4)] })[0]!.name).toBe("Relu_1");
    const halves = g.node({ opType: "Split", inputs: [x], outputs: [float32("B", 2), float32("B", 2)] });
    expect(halves.map(({ name }) => name)).toEqual(["Split_2_0", "Split_2_1"]);
  });

  it.each(["input", "output", "constant"])("can't be used twice: %s", (kind) => {
    const g = start();
    const x = g.input("x", "float32", [1]);
    const repeat = {
      input: () => g.input("x", "float32", [1]),
      output: () => g.output("x", x),
      constant: () => g.computed("x", [1], async () => new Float32Array(1)),
    }[kind]!;
    expect(repeat).toThrow(invalid);
    const { inputs, outputs, nodes, initializers } = g.finish();
    expect([inputs.length, outputs.length, nodes.length, initializers.length]).toEqual([1, 0, 0, 0]);
  });
});

describe("a finished graph", () => {
  it("has an output under its own name, and every value by name", () => {
    const g = start();
    const x = g.input("x", "float32", ["B", 4]);
    g.output("y", x);
    const { outputs, nodes, values } = g.finish();
    expect(outputs).toEqual([{ name: "y", dtype: "float32", shape: ["B", 4] }]);
    expect(nodes).toMatchObject([{ name: "output_y", opType: "Identity", inputs: ["x"], outputs: ["y"] }]);
    expect([...values.keys()]).toEqual(["x", "y"]);
  });

  it("names an optional input that is left out with the empty text", () => {
    const g = start();
    const x = g.input("x", "float32", [4]);
    g.node({ opType: "Clip", inputs: [x, undefined, g.scalar(6)], outputs: [float32(4)] });
    expect(g.finish().nodes[0]!.inputs).toEqual(["x", "", "constant_0"]);
  });
});
