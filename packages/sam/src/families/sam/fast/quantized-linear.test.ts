import { createGraphBuilder } from "@segany/graph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { normals } from "../../../../../graph/src/testing/random-weights.js";
import { floats, runGraph } from "../../../../../runtime/src/testing/run-graph.js";
import { quantizedLinear, quantizeTransposed } from "./quantized-linear.js";

test("the largest weight of each output becomes 127, and the matrix is transposed", () => {
  const { numbers, scales } = quantizeTransposed(Float32Array.of(1, -2, 0.5, 0, 0, 0, 12.7, 0.05, -12.7), 3);
  expect([...scales]).toEqual([Math.fround(2 / 127), 1, Math.fround(12.7 / 127)]);
  expect([...numbers]).toEqual([64, 0, 127, -127, 0, 1, 32, 0, -127]);
});

test("no weight is off by more than half a step", () => {
  const finite = fc.float({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 6, maxLength: 6 }), (list) => {
      const values = Float32Array.from(list);
      const { numbers, scales } = quantizeTransposed(values, 2);
      values.forEach((value, i) => {
        const [output, input] = [Math.floor(i / 3), i % 3];
        const restored = numbers[input * 2 + output]! * scales[output]!;
        expect(Math.abs(restored - value)).toBeLessThanOrEqual(scales[output]! * 0.501);
      });
    }),
  );
});

test("a layer is a few parts in a thousand from the exact product, and its bias is exact", async () => {
  const [rows, inputs, outputs] = [64, 96, 48];
  const numbers = (count: number, seed: number) => Float32Array.from({ length: count }, normals(seed));
  const [x, weight, bias] = [numbers(rows * inputs, 1), numbers(outputs * inputs, 2), numbers(outputs, 3)];
  const g = createGraphBuilder("layer", new Map());
  const layer = { name: "w", outputs, inputs, values: async () => weight };
  const input = g.input("x", "float32", [rows, inputs]);
  g.output("y", quantizedLinear(g, input, layer, g.constant(bias, [outputs])));
  const result = await runGraph(g.finish(), async () => weight, { x: floats(x, [rows, inputs]) });
  const y = result.y!.data as Float32Array;
  let [errors, total] = [0, 0];
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      let sum = bias[output]!;
      for (let i = 0; i < inputs; i++) sum += x[row * inputs + i]! * weight[output * inputs + i]!;
      errors += (y[row * outputs + output]! - sum) ** 2;
      total += sum ** 2;
    }
  }
  expect(Math.sqrt(errors / total)).toBeLessThan(0.015);
});
