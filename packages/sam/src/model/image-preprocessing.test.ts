import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryByteSource } from "@segany/graph/weights";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTorchZip } from "../../../graph/src/testing/write-torch-zip.js";
import { openDecoderFile } from "../checkpoint/decoder-file.js";
import type { VitArchitecture } from "../families/sam/architecture.js";
import { decoderWeights } from "../files/node-decoder-weights.js";
import { SamPredictor } from "../predictor.js";
import { preprocess } from "../preprocessing/preprocess.js";
import { loadSam } from "../processes/node-load-sam.js";
import { randomCheckpoint } from "../testing/random-checkpoint.js";
import { SMALL_ARCHITECTURE } from "../testing/small-architecture.js";
import {
  type PreprocessingRequest,
  preprocessingPresets,
  resolvePreprocessing,
  SAM_PREPROCESSING,
} from "./image-preprocessing.js";

describe("a request", () => {
  it("is a preset, or what differs from SAM's", () => {
    expect(resolvePreprocessing("sam")).toEqual(SAM_PREPROCESSING);
    expect(resolvePreprocessing({})).toEqual(SAM_PREPROCESSING);
    expect(resolvePreprocessing({ resize: "square" })).toEqual(resolvePreprocessing("sam-med2d"));
    expect(resolvePreprocessing("medsam")).toEqual({
      mean: [0, 0, 0],
      std: [1, 1, 1],
      range: "minmax",
      resize: "square",
    });
    for (const preset of preprocessingPresets)
      expect(resolvePreprocessing(resolvePreprocessing(preset))).toEqual(resolvePreprocessing(preset));
  });

  it.each([
    ["medsam2", 'preprocessing is "medsam2"; it must be sam, medsam, sam-med2d'],
    ["toString", "preprocessing is"],
    [{ mean: [1, 2] }, "preprocessing.mean is [1,2]"],
    [{ mean: [1, 2, Number.NaN] }, "preprocessing.mean"],
    [{ std: [1, 0, 1] }, "preprocessing.std is [1,0,1]"],
    [{ range: "0..1" }, 'preprocessing.range is "0..1"'],
    [{ resize: "pad" }, 'preprocessing.resize is "pad"'],
    [{ pixel_mean: [1, 2, 3] }, 'no option "pixel_mean"'],
  ])("is refused as %j", (request, text) => {
    expect(() => resolvePreprocessing(request as PreprocessingRequest)).toThrow(
      expect.objectContaining({ code: "option-invalid", message: expect.stringContaining(text) }),
    );
  });
});

describe("pixels", () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(50, 100, 150, 250, 75, 51) };
  const input = (range: "bytes" | "unit" | "minmax", mean = 0, std = 1) => [
    ...preprocess(image, { imageSize: 2, pixelMean: [mean, mean, mean], pixelStd: [std, std, std], range }),
  ];

  it("are scaled to the range, then normalised; padding stays 0", () => {
    expect(input("bytes", 50, 50)).toEqual([0, 1, 0, 0, 2, 4, 0, 0, 0.5, Math.fround(0.02), 0, 0]);
    expect(input("unit").map((value) => Math.round(255 * value))).toEqual([
      50, 100, 0, 0, 150, 250, 0, 0, 75, 51, 0, 0,
    ]);
    expect(input("minmax")).toEqual([0, 0.25, 0, 0, 0.5, 1, 0, 0, 0.125, Math.fround(0.005), 0, 0]);
    expect(input("minmax", 0.5, 0.5).slice(0, 2)).toEqual([-1, -0.5]);
  });

  it("of one value are 0 by the least and the greatest", () => {
    const flat = { width: 1, height: 1, data: Uint8Array.of(9, 9, 9) };
    const options = { imageSize: 1, pixelMean: [0, 0, 0], pixelStd: [1, 1, 1], range: "minmax" } as const;
    expect([...preprocess(flat, options)]).toEqual([0, 0, 0]);
  });
});

describe("a model with other preprocessing", () => {
  let folder = "";
  let checkpoint = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-preprocessing-"));
    checkpoint = join(folder, "tuned.pth");
    const decoder = { ...SMALL_ARCHITECTURE.decoder, numHeads: 8 };
    await writeTorchZip(checkpoint, randomCheckpoint(SMALL_ARCHITECTURE.encoder as VitArchitecture, decoder));
  });
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

  /** A grey ramp, three times as wide as high. */
  const ramp = (low: number, high: number) => {
    const data = new Uint8ClampedArray(4 * 96 * 32).fill(255);
    for (let i = 0; i < 96 * 32; i++) data.fill(low + ((high - low) * (i % 96)) / 95, 4 * i, 4 * i + 3);
    return { width: 96, height: 32, data };
  };

  async function embeddingsOf(preprocessing: PreprocessingRequest | undefined) {
    const options = { checkpoint, cacheDirectory: folder, runIn: "this-process" } as const;
    await using sam = await loadSam(undefined, { ...options, ...(preprocessing && { preprocessing }) });
    const predictor = new SamPredictor(sam);
    await predictor.setImage(ramp(0, 255));
    const wide = predictor.getImageEmbedding();
    await predictor.setImage(ramp(100, 227));
    const narrow = predictor.getImageEmbedding();
    const { masks } = await predictor.predict({ pointCoords: [[90, 16]], pointLabels: [1] });
    return { wide, narrow, model: sam.model, maskSize: [masks[0]!.width, masks[0]!.height] };
  }

  const valuesOf = ({ features }: { features: Readonly<Record<string, { data: Float32Array }>> }) =>
    features.image_embeddings!.data;

  it("sees the range and the shape that it was trained on", async () => {
    const plain = await embeddingsOf(undefined);
    const medical = await embeddingsOf("medsam");
    expect(plain.wide.inputSize).toEqual({ width: 128, height: 43 });
    expect(medical.wide.inputSize).toEqual({ width: 128, height: 128 });
    expect(medical.maskSize).toEqual([96, 32]);
    // By its least and greatest values an image and a paler copy are nearly the same.
    const distance = ({ wide, narrow }: typeof plain) => {
      const [a, b] = [valuesOf(wide), valuesOf(narrow)];
      return Math.hypot(...a.map((value, i) => value - b[i]!)) / Math.hypot(...a);
    };
    expect(distance(medical)).toBeLessThan(0.2 * distance(plain));
  });

  it("has embeddings that are told apart from those of others", async () => {
    const [plain, same, medical] = [
      await embeddingsOf(undefined),
      await embeddingsOf("sam"),
      await embeddingsOf("medsam"),
    ];
    expect(same.model).toEqual(plain.model);
    expect(medical.model.checkpointSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(medical.model.checkpointSha256).not.toBe(plain.model.checkpointSha256);
    await using sam = await loadSam(undefined, { checkpoint, cacheDirectory: folder, runIn: "this-process" });
    expect(() => new SamPredictor(sam).setImageEmbedding(medical.wide)).toThrow(/made by/);
  });

  it("is known to a decoder file", async () => {
    const bytes = await decoderWeights({ checkpoint, cacheDirectory: folder, preprocessing: "medsam" });
    const { state, family, architecture } = await openDecoderFile(memoryByteSource(bytes), "decoder");
    expect(family.io(architecture).fit).toBe("stretch");
    expect(state.sha256).toBe((await embeddingsOf("medsam")).model.checkpointSha256);
    const text = Buffer.from(bytes).toString("latin1").replace('\\"minmax\\"', '\\"minman\\"');
    await expect(
      openDecoderFile(memoryByteSource(Buffer.from(text, "latin1")), "decoder"),
    ).rejects.toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringContaining("minman"),
    });
  });
});
