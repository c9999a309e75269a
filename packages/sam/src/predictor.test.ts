import { type RgbaImage, SamError } from "@segany/masks";
import { describe, expect, it } from "vitest";
import type { ImageEmbedding } from "./embeddings/image-embedding.js";
import type { DecodeRequest } from "./engine/methods.js";
import type { Engine } from "./engine/types.js";
import type { DecodedMasks } from "./model/decoded-masks.js";
import type { ModelIo } from "./model/model-io.js";
import type { PackedPrompts } from "./model/prompt-batch.js";
import { SamPredictor } from "./predictor.js";
import { type PreparedImage, prepareImage } from "./preprocessing/prepare-image.js";

const MODEL = { name: "toy", checkpointSha256: "ab" };
const MODEL_SIZE = 16;
const LOW_RES = 4;
const IO: ModelIo = {
  imageSide: MODEL_SIZE,
  fit: "pad",
  features: { image_embeddings: [1, 1, 1, 1] },
  maskSide: LOW_RES,
  tokenWidth: 2,
};
const POINT = { pointCoords: [[1, 1]], pointLabels: [1] } as const;

const image = (width: number, height: number): RgbaImage => ({
  width,
  height,
  data: new Uint8ClampedArray(4 * width * height).fill(width),
});
const wide = image(8, 6);
const tall = image(5, 9);

function embeddingOf({ originalSize, resized }: PreparedImage): ImageEmbedding {
  const inputSize = { width: resized.width, height: resized.height };
  const features = { image_embeddings: { shape: [1, 1, 1, 1], data: new Float32Array(1) } };
  return { model: MODEL, imageSize: originalSize, inputSize, features };
}

/** An engine whose calls end when the test says so; every mask is all of the image. */
function openFakeEngine() {
  const encodings: { image: PreparedImage; end(): void; fail(error: Error): void }[] = [];
  const decodings: { embedding: ImageEmbedding; prompts: number; end(): void }[] = [];
  const engine = {
    model: { ...MODEL, ...IO },
    encode: (prepared: PreparedImage) =>
      new Promise<ImageEmbedding>((resolve, reject) => {
        encodings.push({ image: prepared, end: () => resolve(embeddingOf(prepared)), fail: reject });
      }),
    decode: ({ embedding, prompts: { batch }, masks: tokens }: DecodeRequest) =>
      new Promise<DecodedMasks>((resolve) => {
        const masks = tokens === "single" ? 1 : 3;
        const end = () => resolve(decoded(batch, masks));
        decodings.push({ embedding, prompts: batch, end });
      }),
  } as unknown as Engine;
  return { predictor: new SamPredictor({ engine }), encodings, decodings };
}

function decoded(batch: number, masks: number): DecodedMasks {
  const iouPredictions = Float32Array.from({ length: batch * masks }, (_, i) => i / 256);
  const lowResLogits = new Float32Array(batch * masks * LOW_RES ** 2).fill(1);
  return { batch, masks, iouPredictions, lowResLogits };
}

/** A predictor with an image and an engine that answers by itself. */
async function openPredictor(image: RgbaImage) {
  const { predictor, encodings, decodings } = openFakeEngine();
  const setting = predictor.setImage(image);
  encodings[0]!.end();
  await setting;
  const endAll = async () => {
    for (let ended = 0; ; ended++) {
      await new Promise(setImmediate);
      if (!decodings[ended]) return;
      decodings[ended]!.end();
    }
  };
  return { predictor, encodings, decodings, endAll };
}

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

describe("SamPredictor", () => {
  it("asks for an image first, and again once it was reset", async () => {
    const { predictor } = openFakeEngine();
    expect(predictor.isImageSet).toBe(false);
    await expect(predictor.predict(POINT)).rejects.toMatchObject({ code: "image-not-set" });
    const { predictor: other } = await openPredictor(wide);
    expect(other.isImageSet).toBe(true);
    other.resetImage();
    expect(other.isImageSet).toBe(false);
    expect(() => other.getImageEmbedding()).toThrow(expect.objectContaining({ code: "image-not-set" }));
    await expect(other.predict(POINT)).rejects.toMatchObject({ code: "image-not-set" });
  });

  it("gives three masks or one, of the image's size, with scores and logits", async () => {
    const { predictor, endAll } = await openPredictor(wide);
    const three = predictor.predict(POINT);
    await endAll();
    const { masks, iouPredictions, lowResLogits } = await three;
    expect(masks.map(sizeOf)).toEqual([sizeOf(wide), sizeOf(wide), sizeOf(wide)]);
    expect(masks[0]!.data).toEqual(new Uint8Array(48).fill(1));
    expect(iouPredictions).toEqual([0, 1 / 256, 2 / 256]);
    expect(lowResLogits.map(({ length }) => length)).toEqual([16, 16, 16]);
    const one = predictor.predict({ ...POINT, multimaskOutput: false, returnLogits: true });
    await endAll();
    expect((await one).masks).toEqual([{ ...sizeOf(wide), data: new Float32Array(48).fill(1) }]);
  });

  it("answers many prompts in order, in several calls of the decoder", async () => {
    const { predictor, decodings, endAll } = await openPredictor(tall);
    const answers = predictor.predictBatch(Array(70).fill(POINT), { multimaskOutput: false });
    await endAll();
    expect((await answers).map(({ iouPredictions }) => iouPredictions[0])).toEqual([
      ...Array.from({ length: 64 }, (_, i) => i / 256),
      ...Array.from({ length: 6 }, (_, i) => i / 256),
    ]);
    expect(decodings.map(({ prompts }) => prompts)).toEqual([64, 6]);
    expect(await predictor.predictBatch([])).toEqual([]);
  });

  it("refuses an embedding of another model or of the wrong length, and forgets the image all the same", async () => {
    const { predictor } = await openPredictor(wide);
    const embedding = predictor.getImageEmbedding();
    const foreign = { ...embedding, model: { ...MODEL, checkpointSha256: "cd" } };
    expect(() => predictor.setImageEmbedding(foreign)).toThrow(
      expect.objectContaining({ code: "embedding-mismatch" }),
    );
    expect(predictor.isImageSet).toBe(false);
    const { shape } = embedding.features.image_embeddings!;
    const cut = { ...embedding, features: { image_embeddings: { shape, data: new Float32Array(0) } } };
    expect(() => predictor.setImageEmbedding(cut)).toThrow(
      expect.objectContaining({ code: "embedding-invalid" }),
    );
    predictor.setImageEmbedding(embedding);
    expect(predictor.getImageEmbedding()).toBe(embedding);
  });

  it("refuses an embedding of an image that can't be, before anything is made of its size", async () => {
    const { predictor } = await openPredictor(wide);
    const embedding = predictor.getImageEmbedding();
    const { imageSize, inputSize } = embedding;
    const forged: Partial<ImageEmbedding>[] = [
      { imageSize: { width: 1e6, height: 750_000 } },
      { imageSize: { width: 2 ** 52, height: 2 ** 52 } },
      { imageSize: { width: 1, height: 1e15 }, inputSize: { width: 1, height: MODEL_SIZE } },
      { imageSize: { width: imageSize.height, height: imageSize.width } },
      { inputSize: { width: inputSize.width * 2, height: inputSize.height * 2 } },
      { inputSize: { width: 1, height: 1 } },
      { inputSize: { width: inputSize.width, height: inputSize.height - 1 } },
    ];
    for (const fields of forged)
      expect(() => predictor.setImageEmbedding({ ...embedding, ...fields }), JSON.stringify(fields)).toThrow(
        expect.objectContaining({ code: "embedding-invalid" }),
      );
  });

  it("has no image after one that is none or can't be encoded", async () => {
    const { predictor, encodings } = await openPredictor(wide);
    await expect(predictor.setImage({ ...wide, width: 7 })).rejects.toMatchObject({
      code: "image-unreadable",
    });
    expect(predictor.isImageSet).toBe(false);
    const failing = predictor.setImage(tall);
    encodings.at(-1)!.fail(new SamError("inference-failed", "gone"));
    await expect(failing).rejects.toMatchObject({ code: "inference-failed" });
    expect(predictor.isImageSet).toBe(false);
  });
});

describe("overlapping calls of one SamPredictor", () => {
  it("answer for the image that was set when they were made", async () => {
    const { predictor, encodings, decodings } = await openPredictor(wide);
    const first = predictor.getImageEmbedding();
    const early = predictor.predict(POINT);
    const setting = predictor.setImage(tall);
    encodings.at(-1)!.end();
    await setting;
    const late = predictor.predict(POINT);
    decodings[0]!.end();
    decodings[1]!.end();
    expect((await early).masks.map(sizeOf)).toEqual(Array(3).fill(sizeOf(wide)));
    expect((await late).masks.map(sizeOf)).toEqual(Array(3).fill(sizeOf(tall)));
    expect(decodings.map(({ embedding }) => embedding)).toEqual([first, predictor.getImageEmbedding()]);
  });

  it("keep a batch on its image when another is set between two calls of the decoder", async () => {
    const { predictor, decodings, endAll } = await openPredictor(wide);
    const before = predictor.getImageEmbedding();
    const batch = predictor.predictBatch(Array(65).fill(POINT), { multimaskOutput: false });
    predictor.resetImage();
    await endAll();
    expect((await batch).map(({ masks }) => sizeOf(masks[0]!))).toEqual(Array(65).fill(sizeOf(wide)));
    expect(decodings.map(({ embedding }) => embedding)).toEqual([before, before]);
  });

  it("leave the image that was set last, in whatever order encodings end", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { predictor, encodings } = openFakeEngine();
      const settings = [predictor.setImage(wide), predictor.setImage(tall)];
      for (const i of order) {
        encodings[i]!.end();
        await settings[i];
        expect(predictor.isImageSet).toBe(i === 1 || order[0] === 1);
      }
      expect(predictor.getImageEmbedding().imageSize).toEqual(sizeOf(tall));
    }
  });

  it("leave no image when it is reset, replaced by nothing good, or set from an embedding meanwhile", async () => {
    const { predictor, encodings } = await openPredictor(wide);
    const embedding = predictor.getImageEmbedding();
    const dropped = predictor.setImage(tall);
    predictor.resetImage();
    encodings[1]!.end();
    await dropped;
    expect(predictor.isImageSet).toBe(false);
    const replaced = predictor.setImage(tall);
    predictor.setImageEmbedding(embedding);
    encodings[2]!.end();
    await replaced;
    expect(predictor.getImageEmbedding()).toBe(embedding);
    const older = predictor.setImage(tall);
    await expect(predictor.setImage({ ...wide, width: 7 })).rejects.toMatchObject({
      code: "image-unreadable",
    });
    encodings[3]!.end();
    await older;
    expect(predictor.isImageSet).toBe(false);
  });
});

describe("what SamPredictor asks of the engine", () => {
  /** An engine that answers at once and notes its calls; scores and logits of a mask say which it is. */
  function openNotingEngine() {
    const calls: {
      readonly method: string;
      readonly masks?: string;
      readonly signal: AbortSignal | undefined;
    }[] = [];
    const embedding = embeddingOf(prepareImage(wide, IO));
    const engine = {
      model: { ...MODEL, ...IO },
      async encode(_: PreparedImage, { signal }: { signal?: AbortSignal }) {
        calls.push({ method: "encode", signal });
        return embedding;
      },
      async decode({ prompts: { batch }, masks }: DecodeRequest, { signal }: { signal?: AbortSignal }) {
        calls.push({ method: "decode", masks, signal });
        const count = { single: 1, three: 3, four: 4 }[masks];
        const { iouPredictions } = decoded(batch, count);
        const area = LOW_RES ** 2;
        const lowResLogits = Float32Array.from(
          { length: iouPredictions.length * area },
          (_, i) => iouPredictions[Math.floor(i / area)]!,
        );
        return { batch, masks: count, iouPredictions, lowResLogits };
      },
    } as unknown as Engine;
    return { predictor: new SamPredictor({ engine }), calls, embedding };
  }

  it("carries the signal of each call", async () => {
    const { predictor, calls } = openNotingEngine();
    const [first, second, third] = [1, 2, 3].map(() => new AbortController().signal);
    await predictor.setImage(wide, { signal: first! });
    await predictor.predict({ ...POINT, signal: second! });
    await predictor.predictModelFrame({ batch: 1 } as PackedPrompts, "four", { signal: third! });
    await predictor.predict(POINT);
    expect(calls).toEqual([
      { method: "encode", signal: first },
      { method: "decode", masks: "three", signal: second },
      { method: "decode", masks: "four", signal: third },
      { method: "decode", masks: "three", signal: undefined },
    ]);
  });

  it("hands out each prompt's own masks, and all that the decoder gives in the model's frame", async () => {
    const { predictor, embedding } = openNotingEngine();
    predictor.setImageEmbedding(embedding);
    const answers = await predictor.predictBatch([POINT, POINT, POINT]);
    const scores = answers.map(({ iouPredictions }) => iouPredictions.map((score) => score * 256));
    expect(scores).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ]);
    for (const { iouPredictions, lowResLogits } of answers)
      expect(lowResLogits.map((map) => [...map])).toEqual(
        iouPredictions.map((score) => Array(LOW_RES ** 2).fill(score)),
      );
    const raw = await predictor.predictModelFrame({ batch: 2 } as PackedPrompts, "four");
    expect([raw.masks, raw.iouPredictions.length]).toEqual([4, 8]);
  });

  it("is nothing for no prompts, with or without an image, and one call for as many as fit", async () => {
    const { predictor, calls, embedding } = openNotingEngine();
    expect(await predictor.predictBatch([])).toEqual([]);
    predictor.setImageEmbedding(embedding);
    expect(await predictor.predictBatch(Array(64).fill(POINT))).toHaveLength(64);
    expect(calls).toHaveLength(1);
  });
});
