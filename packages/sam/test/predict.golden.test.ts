import { encodeRle, loadSam, readImage, rleIou, type Sam, SamPredictor } from "@segany/sam";
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
  beforeAll(async () => {
    sam = await loadSam("mobile_sam", options);
  });
  afterAll(() => sam?.close());

  it.each(IMAGES)("gives the same masks and scores for every prompt on %s", async (name) => {
    const predictor = new SamPredictor(sam);
    await predictor.setImage(await readImage(sharedPath(`fixtures/sam/images/${name}.jpg`)));
    for (const golden of sharedJson(`fixtures/sam/${name}.predict.json`).cases as GoldenCase[]) {
      const { masks, iouPredictions } = await predict(predictor, golden);
      expect(masks.length, golden.id).toBe(golden.masks.length);
      for (const [i, mask] of masks.entries()) {
        expect(rleIou([encodeRle(mask)], [golden.masks[i]])[0], `${golden.id}, mask ${i}`).toBeGreaterThan(
          0.995,
        );
        expect(
          Math.abs(iouPredictions[i] - golden.iou_predictions[i]),
          `${golden.id}, score ${i}`,
        ).toBeLessThan(5e-3);
      }
    }
  });
});

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
