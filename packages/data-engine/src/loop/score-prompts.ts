import { atEqualSteps } from "@segany/evaluation";
import { boxOfRuns, boxXywhToXyxy, interiorPoint, maskIou, runsToMask } from "@segany/masks";
import { type Sam, SamPredictor } from "@segany/sam";
import { createRandom, readTrainingImage, type TrainingSample } from "@segany/training";
import type { PromptScores } from "../models/model-version.js";
import { clickMasks } from "./simulated-annotator.js";

/** Masks of an image that are measured, at equal steps through its list, as `segany eval clicks` can do. */
export const MEASURED_MASKS = 8;

/** Clicks of the score `clicks`. */
const CLICKS = 3;

/** A model to measure. */
export interface MeasuredModel {
  readonly sam: Sam;
  /** Whether it has the same image encoder as the model before it in the list: images are encoded once. */
  readonly sharesEncoder?: boolean;
}

/**
 * Measures models side by side, with prompts made of the truth.
 *
 * @returns scores in the order of the models
 */
export async function scorePrompts(
  models: readonly MeasuredModel[],
  samples: readonly TrainingSample[],
  { signal, onProgress }: ScoreOptions = {},
): Promise<readonly PromptScores[]> {
  const sums = models.map(() => ({ click: 0, oracle: 0, clicks: 0, box: 0, objects: 0 }));
  const predictors = models.map(({ sam }) => new SamPredictor(sam));
  const aborting = signal ? { signal } : {};
  for (const [done, sample] of samples.entries()) {
    onProgress?.(done, samples.length);
    const image = await readTrainingImage(sample);
    for (const [i, { sam, sharesEncoder }] of models.entries()) {
      const predictor = predictors[i]!;
      if (sharesEncoder) {
        const embedding = predictors[i - 1]!.getImageEmbedding();
        const { name, checkpointSha256, precision } = sam.model;
        predictor.setImageEmbedding({ ...embedding, model: { name, checkpointSha256, precision } });
      } else await predictor.setImage(image, aborting);
      const found = await scoreImage(predictor, sample, signal);
      for (const name of ["click", "oracle", "clicks", "box", "objects"] as const)
        sums[i]![name] += found[name];
    }
  }
  return sums.map(({ objects, ...totals }) => ({
    click: totals.click / objects,
    oracle: totals.oracle / objects,
    clicks: totals.clicks / objects,
    box: totals.box / objects,
    objects,
  }));
}

export interface ScoreOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called before each image. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Sums of an image. */
async function scoreImage(
  predictor: SamPredictor,
  sample: TrainingSample,
  signal: AbortSignal | undefined,
): Promise<PromptScores> {
  const truths = atEqualSteps(sample.masks, MEASURED_MASKS).map((mask) => mask.runs());
  const masks = truths.map(runsToMask);
  const aborting = signal ? { signal } : {};
  const byClick = await predictor.predictBatch(
    masks.map((truth) => ({ pointCoords: [interiorPoint(truth)!], pointLabels: [1] })),
    { multimaskOutput: true, ...aborting },
  );
  const byBox = await predictor.predictBatch(
    truths.map((truth) => ({ box: boxXywhToXyxy(boxOfRuns(truth)) })),
    { multimaskOutput: false, ...aborting },
  );
  const random = createRandom(0);
  const options = { goodIou: 1, maxClicks: CLICKS, noisePx: 0, random, signal };
  const clicked = await clickMasks(
    predictor,
    masks.map((truth) => ({ truth })),
    options,
  );
  const sums = { click: 0, oracle: 0, clicks: 0, box: 0, objects: masks.length };
  masks.forEach((truth, i) => {
    const { masks: three, iouPredictions } = byClick[i]!;
    const ious = three.map((mask) => maskIou(mask, truth));
    sums.click += ious[iouPredictions.indexOf(Math.max(...iouPredictions))]!;
    sums.oracle += Math.max(...ious);
    sums.clicks += clicked[i]!.iou;
    sums.box += maskIou(byBox[i]!.masks[0]!, truth);
  });
  return sums;
}
