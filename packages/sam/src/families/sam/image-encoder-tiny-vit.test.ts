import { createGraphBuilder, type Precision } from "@segany/graph";
import { batchNormalization } from "@segany/graph/ops";
import { describe, expect, test } from "vitest";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { normals, type RandomWeights } from "../../../../graph/src/testing/random-weights.js";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { cosineSimilarity as cosine } from "../../embeddings/mask-pooling.js";
import { randomTinyVit } from "../../testing/tiny-vit-weights.js";
import type { TinyVitArchitecture } from "./architecture.js";
import { foldedConv2d } from "./fast/folded-conv.js";
import { buildFastTinyVitEncoder } from "./fast/image-encoder-tiny-vit.js";
import { buildTinyVitEncoder } from "./image-encoder-tiny-vit.js";

/** Grids of 32, 16, 8 and 8 tokens: all windows reach beyond, the third is larger than its grid. */
const SMALL: TinyVitArchitecture = {
  kind: "tiny_vit",
  imageSize: 128,
  embedDims: [8, 16, 24, 40],
  depths: [1, 2, 1, 1],
  numHeads: [0, 2, 3, 5],
  windowSizes: [0, 7, 14, 7],
  outChannels: 12,
};

interface EmbedOptions {
  readonly form: "plain" | "fast";
  readonly opset?: number;
  readonly precision?: Precision;
}

/** The embedding of a random image, after a look at its shape. */
async function embed(
  a: TinyVitArchitecture,
  { shapes, load }: RandomWeights,
  { form, opset, precision }: EmbedOptions,
): Promise<Float32Array> {
  const graph =
    form === "fast" ? buildFastTinyVitEncoder(shapes, a, precision) : buildTinyVitEncoder(shapes, a, opset);
  const pixels = Float32Array.from({ length: 3 * a.imageSize ** 2 }, normals(7));
  const outputs = await runGraph(graph, load, { image: floats(pixels, [1, 3, a.imageSize, a.imageSize]) });
  const { data, shape } = outputs.image_embeddings!;
  expect(shape).toEqual([1, a.outChannels, a.imageSize / 16, a.imageSize / 16]);
  return data as Float32Array;
}

describe("fast and plain form are equal", () => {
  const cases: [string, Partial<TinyVitArchitecture>][] = [
    ["with windows that reach beyond the grid", {}],
    ["with windows that divide the grid", { imageSize: 112, windowSizes: [0, 7, 7, 7] }],
    ["with a window as large as the grid", { imageSize: 224, windowSizes: [0, 7, 14, 14] }],
    ["with a window of one token", { windowSizes: [0, 1, 1, 1] }],
    ["with one head", { numHeads: [0, 1, 1, 1] }],
    ["with a single token in the end", { imageSize: 16 }],
  ];

  test.each(cases)("%s", async (_, changes) => {
    const a = { ...SMALL, ...changes };
    const weights = randomTinyVit(a, 3);
    const plain = await embed(a, weights, { form: "plain" });
    expect(maxDifference(plain, new Float32Array(plain.length))).toBeGreaterThan(0.5);
    expect(maxDifference(await embed(a, weights, { form: "fast" }), plain)).toBeLessThan(5e-5);
  });
});

test("the form in int8 is close to the plain one", async () => {
  const weights = randomTinyVit(SMALL, 3);
  const plain = await embed(SMALL, weights, { form: "plain" });
  const small = await embed(SMALL, weights, { form: "fast", precision: "int8" });
  expect(maxDifference(small, plain)).toBeGreaterThan(1e-3);
  expect(cosine(small, plain)).toBeGreaterThan(0.999);
});

describe("batch normalisation", () => {
  const tensors: Record<string, { shape: number[]; values: number[] }> = {
    "conv.c.weight": { shape: [2, 1, 1, 1], values: [1, 2] },
    "conv.bn.weight": { shape: [2], values: [3, 0.5] },
    "conv.bn.bias": { shape: [2], values: [10, -1] },
    "conv.bn.running_mean": { shape: [2], values: [2, 4] },
    "conv.bn.running_var": { shape: [2], values: [4, 0.25] },
  };
  const load = async (key: string) => Float32Array.from(tensors[key]!.values);
  // Channels of 5 are 5 and 10; (5 - 2) / 2 · 3 + 10 and (10 - 4) / 0.5 · 0.5 - 1.
  const expected = [14.5, 5];

  test("is computed by the running statistics", async () => {
    const g = createGraphBuilder("normalised", new Map(Object.entries(tensors)));
    const x = g.input("x", "float32", [1, 2, 1, 1]);
    const [scale, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((name) =>
      g.weight(`conv.bn.${name}`),
    );
    g.output("y", batchNormalization(g, x, scale!, bias!, mean!, variance!, 0));
    const { y } = await runGraph(g.finish(), load, { x: floats([5, 10], [1, 2, 1, 1]) });
    expect(maxDifference(y!.data as Float32Array, expected)).toBeLessThan(1e-5);
  });

  test("is folded into the convolution before it", async () => {
    const g = createGraphBuilder("folded", new Map(Object.entries(tensors)));
    g.output("y", foldedConv2d(g, g.input("x", "float32", [1, 1, 1, 1]), "conv"));
    const { y } = await runGraph(g.finish(), load, { x: floats([5], [1, 1, 1, 1]) });
    expect(maxDifference(y!.data as Float32Array, expected)).toBeLessThan(2e-4); // epsilon is 1e-5 here
  });

  test("is refused with a negative variance", async () => {
    const g = createGraphBuilder("broken", new Map(Object.entries(tensors)));
    g.output("y", foldedConv2d(g, g.input("x", "float32", [1, 1, 1, 1]), "conv"));
    const broken = async (key: string) => (key.endsWith("var") ? Float32Array.of(4, -1) : load(key));
    await expect(runGraph(g.finish(), broken, {})).rejects.toThrow(
      expect.objectContaining({ code: "checkpoint-invalid" }),
    );
  });
});

describe("the plain form for export", () => {
  const weights = randomTinyVit(SMALL, 3);

  test("has only standard operators and the checkpoint's own tensors, each under its key", () => {
    const graph = buildTinyVitEncoder(weights.shapes, SMALL, 17);
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
  const { shapes } = randomTinyVit(SMALL);

  test.each([buildTinyVitEncoder, buildFastTinyVitEncoder])("an odd image size, by %o", (build) => {
    for (const imageSize of [120, 0, -16, 100.5]) {
      expect(() => build(shapes, { ...SMALL, imageSize })).toThrow(
        expect.objectContaining({ code: "graph-invalid" }),
      );
    }
  });

  test.each([buildTinyVitEncoder, buildFastTinyVitEncoder])("a missing tensor, by %o", (build) => {
    const deeper = { ...SMALL, depths: [1, 2, 2, 1] };
    expect(() => build(shapes, deeper)).toThrow(expect.objectContaining({ code: "checkpoint-invalid" }));
  });
});
