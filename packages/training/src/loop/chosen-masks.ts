import type { RunTensor } from "@segany/runtime";

type Outputs = Readonly<Record<string, RunTensor>>;

/** The mask that a model was most sure of. */
export interface ChosenMask {
  readonly logits: Float32Array;
  readonly predictedIou: number;
  /** IoU with the target. */
  readonly actualIou: number;
}

/**
 * For each prompt the mask that is used on: of the three for ambiguous prompts the one with the highest
 * predicted IoU, else the single one.
 *
 * @param outputs `low_res_logits` BxMxSxS, `iou_predictions` BxM and `actual_iou` BxM
 */
export function chosenMasks(outputs: Outputs, ofThree: boolean): ChosenMask[] {
  const { iou_predictions: predicted, actual_iou: actual } = outputs;
  const count = predicted!.shape[1]!;
  return chosenIndexes(outputs, ofThree).map((mask, prompt) => ({
    logits: maskLogits(outputs, prompt, mask),
    predictedIou: (predicted!.data as Float32Array)[prompt * count + mask]!,
    actualIou: (actual!.data as Float32Array)[prompt * count + mask]!,
  }));
}

/** The same masks by their number among the mask tokens. */
export function chosenIndexes({ iou_predictions: predicted }: Outputs, ofThree: boolean): number[] {
  const [batch, count] = predicted!.shape as [number, number];
  return Array.from({ length: batch }, (_, prompt) => {
    const scores = (predicted!.data as Float32Array).subarray(prompt * count, (prompt + 1) * count);
    return ofThree ? 1 + indexOfLargest(scores.subarray(1)) : 0;
  });
}

/** SxS logits of a prompt's mask; a copy. */
export function maskLogits({ low_res_logits: logits }: Outputs, prompt: number, mask: number): Float32Array {
  const [, count, side] = logits!.shape as [number, number, number];
  const start = (prompt * count + mask) * side * side;
  return (logits!.data as Float32Array).slice(start, start + side * side);
}

function indexOfLargest(values: Float32Array): number {
  return values.indexOf(Math.max(...values));
}
