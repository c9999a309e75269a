import { writeModel } from "@segany/graph/onnx";
import type { Session } from "@segany/runtime";
import { createNodeSession } from "@segany/runtime/node";
import { afterAll, expect, test } from "vitest";
import { maxDifference } from "../../../../../graph/src/testing/max-difference.js";
import { normals, randomWeights } from "../../../../../graph/src/testing/random-weights.js";
import { floats } from "../../../../../runtime/src/testing/run-graph.js";
import { packPrompts } from "../../../model/prompt-batch.js";
import { createDecoderRunner, promptFeeds } from "../../../testing/run-decoder.js";
import { SMALL_ARCHITECTURE } from "../../../testing/small-architecture.js";
import { decoderWeightShapes } from "../weight-shapes.js";
import { buildDecoderPreparation } from "./decoder-preparation.js";
import { fovealCells } from "./foveal-cells.js";
import { buildFovealDecoder } from "./foveal-decoder.js";

const SIDE = 8;
const CHANNELS = SMALL_ARCHITECTURE.decoder.transformerDim;
const options = { masks: "three", maskInput: false, ragged: false, extraTokens: false } as const;
const weights = randomWeights(decoderWeightShapes(SMALL_ARCHITECTURE), 3);
const runner = createDecoderRunner({ ...weights, architecture: SMALL_ARCHITECTURE });
const sessions: Session[] = [];
afterAll(async () => {
  await runner.close();
  for (const session of sessions) await session.close();
});

const random = normals(11);
const embedding = Float32Array.from({ length: CHANNELS * SIDE * SIDE }, () => random());
const prompts = packPrompts(
  [
    [20, 30],
    [90, 64],
    [5, 120],
  ].map(([x, y]) => ({ pointCoords: [[x!, y!]], pointLabels: [1] })),
);

async function runFoveal(window: number, centreX: number, centreY: number) {
  const graphs = [
    buildDecoderPreparation(weights.shapes, SMALL_ARCHITECTURE),
    buildFovealDecoder(weights.shapes, SMALL_ARCHITECTURE, window),
  ];
  const [preparation, foveal] = await Promise.all(
    graphs.map(async (graph) => createNodeSession(await writeModel(graph, weights.load), { threads: 1 })),
  );
  sessions.push(preparation!, foveal!);
  const image = await preparation!.run({ image_embeddings: floats(embedding, [1, CHANNELS, SIDE, SIDE]) });
  const { cells } = fovealCells(SIDE, window, centreX, centreY);
  const all: Record<string, (typeof image)[string]> = {
    ...image,
    ...promptFeeds(prompts, options, 4 * SIDE, CHANNELS),
    cells: { dtype: "int64", shape: [cells.length], data: BigInt64Array.from(cells, BigInt) },
  };
  return foveal!.run(Object.fromEntries(foveal!.inputNames.map((name) => [name, all[name]!])));
}

test("a foveal decoder whose window is the whole image is the plain decoder", async () => {
  const plain = await runner.run("plain", options, embedding, prompts);
  const foveal = await runFoveal(SIDE, 4, 4);
  const logits = foveal.low_res_logits!;
  expect(logits.shape).toEqual([3, 3, 32, 32]);
  const scale = Math.max(1, ...plain.lowResLogits.map(Math.abs));
  expect(maxDifference(logits.data as Float32Array, plain.lowResLogits)).toBeLessThan(1e-4 * scale);
  const rated = foveal.iou_predictions!.data as Float32Array;
  expect(maxDifference(rated, plain.iouPredictions)).toBeLessThan(1e-4);
});

test("a smaller window gives the masks of that window only", async () => {
  const foveal = await runFoveal(4, 6, 6);
  expect(foveal.low_res_logits!.shape).toEqual([3, 3, 16, 16]);
  expect(foveal.iou_predictions!.shape).toEqual([3, 3]);
});
