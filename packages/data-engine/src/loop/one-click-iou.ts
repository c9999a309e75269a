import { atEqualSteps } from "@segany/evaluation";
import { interiorPoint, maskIou, runsToMask } from "@segany/masks";
import { type Sam, SamPredictor } from "@segany/sam";
import { readTrainingImage, type TrainingSample } from "@segany/training";
import type { SimulateOptions } from "./simulate-options.js";

/** Masks of an image that are measured, at equal steps through its list, as `segany eval clicks` can do. */
const MASKS_AN_IMAGE = 8;

/** Mean IoU of the most confident of three masks for a click at each object's deepest place. */
export async function oneClickIou(
  sam: Sam,
  samples: readonly TrainingSample[],
  { signal, onEvent }: Pick<SimulateOptions, "signal" | "onEvent">,
): Promise<number> {
  const ious: number[] = [];
  const predictor = new SamPredictor(sam);
  for (const [done, sample] of samples.entries()) {
    onEvent?.({ kind: "image", what: "Measuring one click", done, total: samples.length });
    await predictor.setImage(await readTrainingImage(sample), signal ? { signal } : {});
    const truths = atEqualSteps(sample.masks, MASKS_AN_IMAGE).map((mask) => runsToMask(mask.runs()));
    const prompts = truths.map((truth) => ({ pointCoords: [interiorPoint(truth)!], pointLabels: [1] }));
    const predictions = await predictor.predictBatch(prompts, { multimaskOutput: true });
    predictions.forEach(({ masks, iouPredictions }, i) => {
      const chosen = iouPredictions.indexOf(Math.max(...iouPredictions));
      ious.push(maskIou(masks[chosen]!, truths[i]!));
    });
  }
  return ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
}
