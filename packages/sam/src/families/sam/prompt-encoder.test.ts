import { createGraphBuilder } from "@segany/graph";
import { expect, test } from "vitest";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { randomWeights } from "../../../../graph/src/testing/random-weights.js";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { SMALL_ARCHITECTURE } from "../../testing/small-architecture.js";
import { encodePoints } from "./positional-encoding.js";
import { embedPoints, excludedTokenBias } from "./prompt-encoder.js";
import { decoderWeightShapes } from "./weight-shapes.js";

const CHANNELS = 32;
const weights = randomWeights(decoderWeightShapes(SMALL_ARCHITECTURE), 9);
const learned = (name: string) => weights.values.get(`prompt_encoder.${name}.weight`)!;

test("a token is its position plus what its label means, a padding point its learned embedding alone", async () => {
  const g = createGraphBuilder("points", weights.shapes);
  const pointCoords = g.input("point_coords", "float32", ["B", "N", 2]);
  const pointLabels = g.input("point_labels", "float32", ["B", "N"]);
  g.output("tokens", embedPoints(g, { pointCoords, pointLabels }, 128));
  g.output("positions", encodePoints(g, pointCoords, 128));
  const coords = [3, 4, 50, 60, 10, 100, 127, 0, 0, 0];
  const { tokens, positions } = await runGraph(g.finish(), weights.load, {
    point_coords: floats(coords, [1, 5, 2]),
    point_labels: floats([0, 1, 2, 3, -1], [1, 5]),
  });
  const row = (data: Float32Array, i: number) => data.subarray(i * CHANNELS, (i + 1) * CHANNELS);
  for (let label = 0; label < 4; label++) {
    const meaning = learned(`point_embeddings.${label}`);
    const expected = row(positions!.data as Float32Array, label).map((value, i) => value + meaning[i]!);
    expect(maxDifference(row(tokens!.data as Float32Array, label), expected)).toBeLessThan(1e-6);
  }
  expect(row(tokens!.data as Float32Array, 4)).toEqual(learned("not_a_point_embed"));
});

test("only excluded points are hidden, neither output tokens nor extra ones", async () => {
  const g = createGraphBuilder("bias", weights.shapes);
  const pointLabels = g.input("point_labels", "float32", ["B", "N"]);
  const extraTokens = g.input("extra_tokens", "float32", ["B", "K", CHANNELS]);
  g.output("bias", excludedTokenBias(g, { pointCoords: pointLabels, pointLabels, extraTokens }, 5));
  const { bias } = await runGraph(g.finish(), weights.load, {
    point_labels: floats([1, -1, -2, 3], [2, 2]),
    extra_tokens: floats(new Float32Array(2 * CHANNELS).fill(-2), [2, 1, CHANNELS]),
  });
  expect(bias!.shape).toEqual([2, 1, 1, 8]);
  const hidden = Array.from(bias!.data as Float32Array, (value) => (value < -1e8 ? 1 : Math.abs(value)));
  expect(hidden).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
});
