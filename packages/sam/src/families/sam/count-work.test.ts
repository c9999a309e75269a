import {
  countWork,
  createGraphBuilder,
  elementCount,
  type GraphWork,
  type WeightShapes,
} from "@segany/graph";
import { add, conv2d, gemm, layerNormalization, matmul } from "@segany/graph/ops";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecoderOptions, EncoderGraphOptions } from "../../model/graph-options.js";
import { publishedDecoder, vitHuge } from "../../testing/random-checkpoint.js";
import { tinyVitWeightShapes } from "../../testing/tiny-vit-weights.js";
import type { Architecture, TinyVitArchitecture, VitArchitecture } from "./architecture.js";
import { buildDecoder } from "./decoder-graph.js";
import { encoderGraph } from "./encoder-graph.js";
import { buildDecoderPreparation } from "./fast/decoder-preparation.js";
import { buildFastDecoder } from "./fast/mask-decoder.js";
import { decoderWeightShapes, vitWeightShapes } from "./weight-shapes.js";

const vitBase: VitArchitecture = {
  ...vitHuge,
  embedDim: 768,
  depth: 12,
  numHeads: 12,
  mlpDim: 3072,
  globalAttnIndexes: [2, 5, 8, 11],
};
const vitLarge: VitArchitecture = {
  ...vitHuge,
  embedDim: 1024,
  depth: 24,
  numHeads: 16,
  mlpDim: 4096,
  globalAttnIndexes: [5, 11, 17, 23],
};
const tinyVit: TinyVitArchitecture = {
  kind: "tiny_vit",
  imageSize: 1024,
  embedDims: [64, 128, 160, 320],
  depths: [2, 2, 6, 2],
  numHeads: [0, 4, 5, 10],
  windowSizes: [0, 7, 14, 7],
  outChannels: 256,
};

function asWeights(shapes: Readonly<Record<string, readonly number[]>>): WeightShapes {
  return new Map(Object.entries(shapes).map(([key, shape]) => [key, { shape }]));
}

const ATTENDING = [
  "Gemm",
  "MatMul",
  "DynamicQuantizeMatMul",
  "MultiHeadAttention",
  "Attention",
  "Conv",
] as const;

/** GFLOP of matrix products, convolutions and attention. */
function productGigaflops({ flopsByOperator }: GraphWork): number {
  return ATTENDING.reduce((total, name) => total + (flopsByOperator[name] ?? 0), 0) / 1e9;
}

/**
 * GFLOP of a ViT encoder by hand. A block's linear layers: 4096 tokens times (4·C² + 2·C·M) multiplications.
 * Attention: twice tokens² times C, in 25 windows of 196 or over all 4096. Relative positions: two products
 * of each query with `side` vectors. Patches: 768·C a token; neck: C·256 and 9·256² a token.
 */
function expectedGigaflops({ embedDim: c, mlpDim: m, depth, globalAttnIndexes }: VitArchitecture): number {
  const tokens = 4096;
  const linears = depth * tokens * (4 * c * c + 2 * c * m);
  const globals = globalAttnIndexes.length * (2 * tokens ** 2 * c + 2 * tokens * 64 * c);
  const windows = (depth - globalAttnIndexes.length) * 25 * (2 * 196 ** 2 * c + 2 * 196 * 14 * c);
  const ends = tokens * (768 * c + c * 256 + 9 * 256 ** 2);
  return (2 * (linears + globals + windows + ends)) / 1e9;
}

describe("counting", () => {
  test("adds up multiplications, biases and bytes of a small graph", () => {
    const g = createGraphBuilder("toy", asWeights({ w: [5, 3], b: [5], k: [4, 1, 3, 3] }));
    const x = g.input("x", "float32", ["B", 3]);
    const rows = gemm(g, x, g.weight("w"), g.weight("b"), { transB: true }); // Bx5: 5·(2·3 + 1) a row
    g.output("sums", add(g, rows, rows)); // 5 a row
    const map = g.input("map", "float32", [1, 4, 6, 6]);
    g.output("map_out", conv2d(g, map, g.weight("k"), undefined, { padding: 1, groups: 4 })); // 144·2·9
    const work = countWork(g.finish(), { B: 2 });
    expect(work.flopsByOperator).toEqual({ Conv: 2592, Gemm: 70, Add: 10 });
    expect(work.flops).toBe(2672);
    expect(work.weightBytes).toBe(4 * (15 + 5 + 36));
    expect(work.activationBytes).toBe(4 * (3 * 10 + 2 * 144)); // rows, sums, copies
  });

  test("grows in proportion to the prompts, but for what all prompts share", () => {
    const g = createGraphBuilder("toy", asWeights({ scale: [8], bias: [8] }));
    const x = g.input("x", "float32", ["B", "N+5", 8]);
    const normed = layerNormalization(g, x, g.weight("scale"), g.weight("bias"), 1e-5);
    g.output("y", matmul(g, normed, g.constant(new Float32Array(64), [8, 8])));
    const graph = g.finish();
    const extent = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(extent, extent, (B, N) => {
        expect(countWork(graph, { B, N }).flops).toBe(B * (N + 5) * 8 * (7 + 2 * 8));
      }),
    );
    expect(() => countWork(graph, { B: 1 })).toThrow(expect.objectContaining({ code: "graph-invalid" }));
  });

  test("refuses operators that nobody has counted", () => {
    const g = createGraphBuilder("toy", new Map());
    const x = g.input("x", "float32", [1]);
    g.output("y", g.node({ opType: "Mystery", inputs: [x], outputs: [x] })[0]!);
    expect(() => countWork(g.finish())).toThrow(/Mystery/);
  });
});

/**
 * Published encoders, and their GFLOP in products: rounded sums of the parts that `expectedGigaflops` names.
 */
const VITS = [
  ["ViT-B", vitBase, 942],
  ["ViT-L", vitLarge, 2851],
  ["ViT-H", vitHuge, 5666],
] as const;

describe.each(VITS)("the encoder of %s", (_, encoder, gigaflops) => {
  const weights = asWeights(vitWeightShapes(encoder));
  const work = (options: EncoderGraphOptions) => countWork(encoderGraph(weights, encoder, options));
  const parameters = [...weights.values()].reduce((total, { shape }) => total + elementCount(shape, {}), 0);

  test("does the products that its layers are made of, and no others", () => {
    expect(expectedGigaflops(encoder)).toBeCloseTo(gigaflops, -0.5);
    for (const options of [{}, { precision: "int8" }] as const) {
      const ratio = productGigaflops(work(options)) / expectedGigaflops(encoder);
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(1.007); // biases and softmax
    }
  });

  test("costs up to 6 % more in plain form, which projects padded tokens and scales scores", () => {
    const ratio = productGigaflops(work({ form: "plain" })) / expectedGigaflops(encoder);
    expect(ratio).toBeGreaterThanOrEqual(1);
    expect(ratio).toBeLessThan(1.06);
  });

  test("takes a byte in place of four for most weights in int8", () => {
    const [full, small] = [work({}).weightBytes, work({ precision: "int8" }).weightBytes];
    expect(full / (4 * parameters)).toBeGreaterThan(1);
    expect(full / (4 * parameters)).toBeLessThan(1.04); // tables of relative positions, indices of windows
    expect(small / full).toBeLessThan(0.35);
  });

  test("moves less than in plain form", () => {
    expect(work({}).activationBytes / work({ form: "plain" }).activationBytes).toBeLessThan(0.6);
  });
});

test("ViT-B's linear layers are 696 GFLOP and its attention 206 over the image and 24 in windows", () => {
  const { flopsByOperator } = countWork(encoderGraph(asWeights(vitWeightShapes(vitBase)), vitBase));
  const ends = 2 * 4096 * (768 * 768 + 768 * 256);
  expect((flopsByOperator.Gemm! - ends) / 1e9).toBeCloseTo(12 * 58, -0.5);
  const scores = 4 * 12 * 4096 ** 2 + 8 * 25 * 12 * 196 ** 2; // six operations each: scale, bias, softmax
  expect((flopsByOperator.MultiHeadAttention! - 6 * scores) / 1e9).toBeCloseTo(206 + 24, -0.5);
});

/**
 * GFLOP of TinyViT's products by hand: stem, then per stage the blocks and the downsampling after it. An
 * attending block with C channels on n tokens, p of them with padding, in windows of w²: 3·C² on p and C² on
 * n, 2·w²·C on p, 9·C and 8·C² on n.
 */
function expectedTinyGigaflops(): number {
  const stem = 512 ** 2 * 27 * 32 + 256 ** 2 * 9 * 32 * 64;
  const inverted = 2 * 256 ** 2 * (64 * 256 + 9 * 256 + 256 * 64);
  const down = (from: number, to: number, before: number, after: number) =>
    before ** 2 * from * to + after ** 2 * (9 * to + to * to);
  const block = (c: number, grid: number, padded: number, window: number) =>
    padded ** 2 * (3 * c * c + 2 * window ** 2 * c) + grid ** 2 * (c * c + 9 * c + 8 * c * c);
  const stages =
    down(64, 128, 256, 128) +
    2 * block(128, 128, 133, 7) +
    down(128, 160, 128, 64) +
    6 * block(160, 64, 70, 14) +
    down(160, 320, 64, 64) +
    2 * block(320, 64, 70, 7);
  const neck = 64 ** 2 * (320 * 256 + 9 * 256 ** 2);
  return (2 * (stem + inverted + stages + neck)) / 1e9;
}

test("MobileSAM's encoder does the products that its layers are made of, in every form", () => {
  const weights = asWeights(tinyVitWeightShapes(tinyVit));
  for (const options of [{}, { precision: "int8" }, { form: "plain" }] as const) {
    const ratio =
      productGigaflops(countWork(encoderGraph(weights, tinyVit, options))) / expectedTinyGigaflops();
    expect(ratio).toBeGreaterThan(0.999);
    expect(ratio).toBeLessThan(1.01);
  }
});

describe("the decoder", () => {
  const architecture: Architecture = { encoder: tinyVit, decoder: publishedDecoder };
  const weights = asWeights(decoderWeightShapes(architecture));
  const options: DecoderOptions = { masks: "three", maskInput: false, ragged: false, extraTokens: false };
  const onePoint = { N: 2 }; // the point and the one that pads it

  test("is mostly projections of the image's cells and upscaling in plain form", () => {
    const projections = 10 * 4096 * 256 * 128; // keys and values three times, queries and outputs twice
    const attention = 5 * 2 * 7 * 4096 * 128;
    const upscaling = 4096 * 256 * 64 * 4 + 128 ** 2 * 64 * 32 * 4 + 3 * 256 ** 2 * 32;
    const expected = 2 * (projections + attention + upscaling);
    const { flopsByOperator } = countWork(buildDecoder(weights, architecture, options), {
      ...onePoint,
      B: 1,
    });
    const products = flopsByOperator.MatMul! + flopsByOperator.ConvTranspose!;
    expect(products / expected).toBeGreaterThan(1);
    expect(products / expected).toBeLessThan(1.02); // what the seven tokens cost
  });

  test("costs less than a third of it in fast form, prompt for prompt, and shares a preparation worth half of one", () => {
    const fast = buildFastDecoder(weights, architecture, options);
    const work = (B: number) => countWork(fast, { ...onePoint, B }).flops;
    const plain = countWork(buildDecoder(weights, architecture, options), { ...onePoint, B: 16 }).flops;
    expect(work(16) / plain).toBeLessThan(0.29);
    expect((work(16) - work(8)) / 8 / 1e9).toBeLessThan(0.83);
    expect(countWork(buildDecoderPreparation(weights, architecture)).flops / 1e9).toBeLessThan(1.37);
  });
});
