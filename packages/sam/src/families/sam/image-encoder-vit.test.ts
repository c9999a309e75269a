import { createShapeReader } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { beforeAll, describe, expect, test } from "vitest";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { normals, type RandomWeights, randomWeights } from "../../../../graph/src/testing/random-weights.js";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { cosineSimilarity as cosine } from "../../embeddings/mask-pooling.js";
import { scalarVit } from "../../testing/scalar-vit.js";
import { unusualVitShapes, type VitWeightOptions } from "../../testing/vit-weights.js";
import type { VitArchitecture } from "./architecture.js";
import { buildFastVitEncoder, type FastVitOptions } from "./fast/image-encoder-vit.js";
import { buildVitEncoder } from "./image-encoder-vit.js";
import { inferVit } from "./infer-vit.js";
import { vitWeightShapes } from "./weight-shapes.js";

/**
 * Blocks of ViT-B, one windowed and one global, over 16x16 tokens: windows of 14 reach beyond on two sides.
 */
const VIT_B_BLOCKS: VitArchitecture = {
  kind: "vit",
  imageSize: 256,
  patchSize: 16,
  embedDim: 768,
  depth: 2,
  numHeads: 12,
  mlpDim: 3072,
  windowSize: 14,
  globalAttnIndexes: [1],
  useRelPos: true,
  outChannels: 256,
};

/** 5x5 tokens, windows of 2 that reach beyond. */
const SMALL: VitArchitecture = {
  ...VIT_B_BLOCKS,
  imageSize: 40,
  patchSize: 8,
  embedDim: 24,
  numHeads: 3,
  mlpDim: 40,
  windowSize: 2,
  outChannels: 10,
};

function randomImage({ imageSize }: VitArchitecture): Float32Array {
  return Float32Array.from({ length: 3 * imageSize ** 2 }, normals(7));
}

interface EmbedOptions extends FastVitOptions {
  readonly form: "plain" | "fast";
  readonly opset?: number;
}

/** The embedding of the random image, after a look at its shape. */
async function embed(
  a: VitArchitecture,
  { shapes, load }: RandomWeights,
  { form, opset, ...fast }: EmbedOptions,
): Promise<Float32Array> {
  const graph = form === "fast" ? buildFastVitEncoder(shapes, a, fast) : buildVitEncoder(shapes, a, opset);
  const image = floats(randomImage(a), [1, 3, a.imageSize, a.imageSize]);
  const { data, shape } = (await runGraph(graph, load, { image })).image_embeddings!;
  const side = a.imageSize / a.patchSize;
  expect(shape).toEqual([1, a.outChannels, side, side]);
  return data as Float32Array;
}

describe("two blocks of ViT-B against a slow scalar reference", () => {
  const weights = randomWeights(vitWeightShapes(VIT_B_BLOCKS));
  let expected: Float64Array;

  beforeAll(() => {
    expected = scalarVit(randomImage(VIT_B_BLOCKS), VIT_B_BLOCKS, (key) => weights.values.get(key)!);
  });

  test("the plain form is equal", async () => {
    expect(maxDifference(await embed(VIT_B_BLOCKS, weights, { form: "plain" }), expected)).toBeLessThan(1e-4);
  });

  test("the fast form is equal", async () => {
    expect(maxDifference(await embed(VIT_B_BLOCKS, weights, { form: "fast" }), expected)).toBeLessThan(1e-4);
  });
});

describe("an image of 128 pixels, whose grid is smaller than the windows", () => {
  const a: VitArchitecture = {
    ...VIT_B_BLOCKS,
    imageSize: 128,
    embedDim: 48,
    depth: 3,
    numHeads: 3,
    mlpDim: 96,
    outChannels: 16,
  };
  const weights = randomWeights(vitWeightShapes(a));
  const tensors = [...weights.shapes].map(([key, { shape }]) => [key, { dtype: "float32", shape }] as const);
  const inferred = inferVit(createShapeReader(new Map(tensors)));
  const expected = scalarVit(randomImage(a), a, (key) => weights.values.get(key)!);

  test.each(["plain", "fast"] as const)("is encoded as the definition says, in %s form", async (form) => {
    expect(inferred).toEqual(a);
    const found = await embed(inferred, weights, { form });
    expect(maxDifference(found, expected)).toBeLessThan(1e-4);
    expect(cosine(found, Float32Array.from(expected))).toBeGreaterThan(0.99999);
  });
});

describe("fast and plain form are equal", () => {
  const cases: [string, Partial<VitArchitecture>, VitWeightOptions?, FastVitOptions?][] = [
    ["with windows that reach beyond the grid", {}],
    ["with windows that divide the grid", { imageSize: 48 }],
    ["with a window larger than the grid", { windowSize: 7 }],
    ["with a window of one token", { windowSize: 1 }],
    ["without windows", { windowSize: 0, globalAttnIndexes: [] }],
    ["without global blocks", { globalAttnIndexes: [] }],
    ["with a single token", { imageSize: 8, windowSize: 14 }],
    ["without relative positions", { useRelPos: false }],
    ["without position embedding", {}, { posEmbed: false }],
    ["without biases of query, key and value", {}, { qkvBias: false }],
    ["with tables learned for a larger image", {}, { relPosRows: 17 }],
    ["with tables learned for a smaller image", {}, { relPosRows: 2 }],
    ["with heads narrower than their share", {}, { headWidth: 5 }],
    ["with one head", { numHeads: 1 }],
    ["with heads that the calls don't divide", { numHeads: 8 }, {}, { headsPerCall: 3 }],
    ["with rows that the calls don't divide", {}, {}, { queriesPerCall: 11 }],
    ["a row at a time", {}, {}, { queriesPerCall: 1 }],
    ["with all heads in one call", {}, {}, { headsPerCall: 64 }],
    ["in the shape of a pruned SlimSAM block", { embedDim: 168, numHeads: 12, mlpDim: 696, windowSize: 3 }],
  ];

  test.each(cases)("%s", async (_, changes, weightOptions, fast) => {
    const a = { ...SMALL, ...changes };
    const weights = randomWeights(unusualVitShapes(a, weightOptions), 3);
    const plain = await embed(a, weights, { form: "plain" });
    expect(maxDifference(await embed(a, weights, { form: "fast", ...fast }), plain)).toBeLessThan(2e-5);
  });
});

test("the form in int8 is close to the plain one", async () => {
  const weights = randomWeights(vitWeightShapes(VIT_B_BLOCKS), 3);
  const plain = await embed(VIT_B_BLOCKS, weights, { form: "plain" });
  const small = await embed(VIT_B_BLOCKS, weights, { form: "fast", precision: "int8" });
  expect(maxDifference(small, plain)).toBeGreaterThan(1e-3);
  expect(cosine(small, plain)).toBeGreaterThan(0.9995);
});

describe("the plain form for export", () => {
  const weights = randomWeights(vitWeightShapes(SMALL), 3);

  test("has only standard operators and the checkpoint's own tensors, each under its key", () => {
    const graph = buildVitEncoder(weights.shapes, SMALL, 17);
    expect(new Set(graph.nodes.map((node) => node.domain))).toEqual(new Set([""]));
    const leaves = graph.initializers.filter((initializer) => initializer.source.kind !== "inline");
    expect(leaves.map((leaf) => leaf.name).sort()).toEqual([...weights.shapes.keys()].sort());
    for (const leaf of leaves) {
      expect(leaf.source).toEqual({ kind: "weight", key: leaf.name });
      expect(leaf.shape).toEqual(weights.shapes.get(leaf.name)!.shape);
    }
  });

  test("gives the same at opset 17", async () => {
    const newer = await embed(SMALL, weights, { form: "plain" });
    const older = await embed(SMALL, weights, { form: "plain", opset: 17 });
    expect(maxDifference(older, newer)).toBeLessThan(1e-5);
  });
});

describe("what cannot be built is refused", () => {
  const { shapes } = randomWeights(vitWeightShapes(SMALL));
  const refused: [string, () => unknown, SamError["code"]][] = [
    [
      "patches that don't divide the image",
      () => buildVitEncoder(shapes, { ...SMALL, imageSize: 41 }),
      "graph-invalid",
    ],
    [
      "the same in fast form",
      () => buildFastVitEncoder(shapes, { ...SMALL, imageSize: 41 }),
      "graph-invalid",
    ],
    ["a missing tensor", () => buildVitEncoder(shapes, { ...SMALL, depth: 3 }), "checkpoint-invalid"],
    [
      "heads that don't share the width",
      () => buildVitEncoder(shapes, { ...SMALL, numHeads: 5 }),
      "checkpoint-invalid",
    ],
    ["no heads per call", () => buildFastVitEncoder(shapes, SMALL, { headsPerCall: 0 }), "option-invalid"],
  ];

  test.each(refused)("%s", (_, build, code) => {
    expect(build).toThrow(SamError);
    expect(build).toThrow(expect.objectContaining({ code }));
  });
});
