import { createGraphBuilder } from "@segany/graph";
import { expect, test } from "vitest";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { normals } from "../../../../graph/src/testing/random-weights.js";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { encodeGrid, encodePoints, GAUSSIAN_KEY, gridEncoding } from "./positional-encoding.js";

const GAUSSIAN = Float32Array.of(0.25, 0, 0, 0.5); // frequency 0 looks at x, frequency 1 at y
const shapes = new Map([[GAUSSIAN_KEY, { shape: [2, 2] }]]);

test("a point is encoded at its pixel's centre", async () => {
  const g = createGraphBuilder("points", shapes);
  g.output("encoding", encodePoints(g, g.input("points", "float32", [1, "N", 2]), 64));
  const feeds = { points: floats([31.5, 31.5, 63.5, 15.5], [1, 2, 2]) };
  const { encoding } = await runGraph(g.finish(), async () => GAUSSIAN, feeds);
  // The middle (0, 0) and (1, -1/2) in -1…1; phases 2π(0.25, 0) x and 2π(0, 0.5) y.
  const expected = [0, 0, 1, 1, 1, -1, 0, 0];
  expect(maxDifference(encoding!.data as Float32Array, expected)).toBeLessThan(1e-6);
});

test("the grid is the same computed here and in the graph", async () => {
  const gaussian = Float32Array.from({ length: 2 * 2 }, normals(4));
  const g = createGraphBuilder("grid", shapes);
  g.output("encoding", encodeGrid(g, 6));
  const { encoding } = await runGraph(g.finish(), async () => gaussian, {});
  expect(encoding!.shape).toEqual([36, 4]);
  expect(maxDifference(encoding!.data as Float32Array, gridEncoding(gaussian, 6))).toBeLessThan(1e-5);
});

test("the grid's cells are encoded at their centres, row by row", () => {
  const encoding = gridEncoding(GAUSSIAN, 2);
  // x = -1/2, 1/2, -1/2, 1/2 and y = -1/2, -1/2, 1/2, 1/2; phases π/4 · 2x and 2π · 0.5 y.
  const half = Math.SQRT1_2;
  const expected = [
    [-half, -1, half, 0],
    [half, -1, half, 0],
    [-half, 1, half, 0],
    [half, 1, half, 0],
  ];
  expect(maxDifference(encoding, expected.flat())).toBeLessThan(1e-6);
});
