import { decodeRle, type ImagePoint, interiorPoint, type Rle, rleIou, runsToRle } from "@segany/masks";
import type { SamPredictor } from "@segany/sam";
import type { TrainingSample } from "../data/training-sample.js";

/** An object to click on. */
export interface ClickedObject {
  readonly sample: TrainingSample;
  /** Of its annotation. */
  readonly id: number;
  readonly truth: Rle;
  /** The pixel that is farthest from its border (paper, section 7.1). */
  readonly click: ImagePoint;
}

/** What one click gave: the mask that the model was most sure of, of the image's size. */
export interface ClickAnswer {
  readonly mask: Rle;
  readonly iou: number;
}

/** The click of each mask. */
export function clicksOf(sample: TrainingSample, masks: TrainingSample["masks"]): ClickedObject[] {
  return masks.flatMap(({ id, runs }) => {
    const truth = runsToRle(runs());
    const click = interiorPoint(decodeRle(truth));
    return click ? [{ sample, id, truth, click }] : [];
  });
}

/** Clicks on objects of the image that is set. */
export async function answerClicks(
  predictor: SamPredictor,
  objects: readonly ClickedObject[],
  signal?: AbortSignal,
): Promise<ClickAnswer[]> {
  const predictions = await predictor.predictBatch(
    objects.map(({ click }) => ({ pointCoords: [click], pointLabels: [1] })),
    { multimaskOutput: true, outputMode: "coco_rle", ...(signal && { signal }) },
  );
  return predictions.map(({ masks, iouPredictions }, i) => {
    const mask = masks[iouPredictions.indexOf(Math.max(...iouPredictions))]!;
    return { mask, iou: rleIou([mask], [objects[i]!.truth])[0]! };
  });
}
