import {
  decodeEmbeddingValues,
  describeEmbedding,
  encodeEmbeddingValues,
  encodeRle,
  type ImageEmbedding,
  loadSam,
  type Prediction,
  readImage,
  rleIou,
  type Sam,
  SamPredictor,
} from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasShared, sharedJson, sharedPath } from "./shared-data.js";

interface GoldenCase {
  readonly id: string;
  readonly points?: [number, number][];
  readonly labels?: number[];
  readonly box?: [number, number, number, number];
  readonly multimask?: boolean;
  readonly iou_predictions: number[];
  readonly masks: { size: [number, number]; counts: string }[];
}

const IMAGES = ["truck", "still-life", "dog", "groceries"];

describe.skipIf(!hasShared).each([
  ["the embedded weights", {}],
  ["mobile_sam.pt", { checkpoint: sharedPath("fixtures/sam/mobile_sam.pt") }],
])("predictions with %s, beside Meta's code", (_, options) => {
  let sam: Sam;
  const embeddings = new Map<string, ImageEmbedding>();
  beforeAll(async () => {
    sam = await loadSam("mobile_sam", options);
    const predictor = new SamPredictor(sam);
    for (const name of IMAGES) {
      await predictor.setImage(await readImage(sharedPath(`fixtures/sam/images/${name}.jpg`)));
      embeddings.set(name, predictor.getImageEmbedding());
    }
  });
  afterAll(() => sam?.close());

  it.each(IMAGES)("gives the same masks and scores for every prompt on %s", async (name) => {
    const predictor = new SamPredictor(sam);
    predictor.setImageEmbedding(embeddings.get(name)!);
    for (const golden of sharedJson(`fixtures/sam/${name}.predict.json`).cases as GoldenCase[]) {
      expectLike(await predict(predictor, golden), golden);
    }
  });

  it.each(IMAGES)("gives them from an embedding in half floats too, on %s", async (name) => {
    const predictor = new SamPredictor(sam);
    const embedding = embeddings.get(name)!;
    const bytes = encodeEmbeddingValues(embedding, "float16") as Uint8Array<ArrayBuffer>;
    const half = decodeEmbeddingValues(bytes, describeEmbedding(embedding, "float16"));
    for (const golden of sharedJson(`fixtures/sam/${name}.predict.json`).cases as GoldenCase[]) {
      predictor.setImageEmbedding(half);
      const predicted = await predict(predictor, golden);
      expectLike(predicted, golden);
      predictor.setImageEmbedding(embedding);
      const { lowResLogits } = await predict(predictor, golden);
      for (const [i, logits] of lowResLogits.entries())
        expect(distance(logits, predicted.lowResLogits[i]), `${golden.id}, logits ${i}`).toBeLessThan(1e-3);
    }
  });
});

/** Holds masks and scores against those of Meta's code. */
function expectLike({ masks, iouPredictions }: Prediction, golden: GoldenCase): void {
  expect(masks.length, golden.id).toBe(golden.masks.length);
  for (const [i, mask] of masks.entries()) {
    const iou = rleIou([encodeRle(mask)], [golden.masks[i]])[0];
    expect(iou, `${golden.id}, mask ${i}`).toBeGreaterThan(0.995);
    const error = Math.abs(iouPredictions[i] - golden.iou_predictions[i]);
    expect(error, `${golden.id}, score ${i}`).toBeLessThan(5e-3);
  }
}

/** The largest difference of two maps, in parts of the first one's range. */
function distance(one: Float32Array, other: Float32Array): number {
  const [lowest, highest] = one.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0) / (highest - lowest);
}

/** Cases named "refine" feed the best mask of a first round back. */
async function predict(
  predictor: SamPredictor,
  { id, points = [], labels = [], box, multimask = true }: GoldenCase,
) {
  const prompt = { pointCoords: points, pointLabels: labels, ...(box && { box }) };
  if (!id.startsWith("refine")) return predictor.predict({ ...prompt, multimaskOutput: multimask });
  const { iouPredictions, lowResLogits } = await predictor.predict(prompt);
  const maskInput = lowResLogits[iouPredictions.indexOf(Math.max(...iouPredictions))];
  return predictor.predict({ ...prompt, maskInput, multimaskOutput: multimask });
}
