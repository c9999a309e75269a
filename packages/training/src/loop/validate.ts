import { interiorPoint, modelPoint, stabilityScore } from "@segany/masks";
import type { EverythingThresholds, PromptInput } from "@segany/sam";
import { TrainingError } from "../errors.js";
import type { Target } from "../prompts/target.js";
import type { Objective } from "../step/objective.js";
import type { Parameters } from "../step/parameters.js";
import { chosenMasks } from "./chosen-masks.js";
import { everythingThresholds, type JudgedMask } from "./everything-thresholds.js";
import { promptFeeds } from "./prompt-feeds.js";
import { type ValidationImage, type WordValidation, wordIous } from "./validate-words.js";

/**
 * Means over all objects: of the loss, and of IoU at the resolution of the logits; and thresholds that suit
 * the masks for the clicks.
 */
export interface ValidationResult extends EverythingThresholds {
  /** The loss of training, for the click and for the box alike. */
  readonly loss: number;
  /** One click far inside the object, the mask that the model is most sure of. */
  readonly click: number;
  /** The best of the three masks for that click. */
  readonly clickOracle: number;
  /** The tight box, the single mask. */
  readonly box: number;
  /** The name of each class on each image, where words are trained and masks have classes. */
  readonly text?: number;
  readonly objects: number;
}

/** The best validation of a run. */
export interface BestValidation extends ValidationResult {
  readonly step: number;
}

/**
 * Scores weights on validation images.
 *
 * @param objective needs no gradients
 * @param words validates the names of classes, too
 * @throws TrainingError `target-empty` if the images show no object
 */
export async function validate(
  objective: Objective,
  parameters: Parameters,
  images: AsyncIterable<ValidationImage> | Iterable<ValidationImage>,
  words?: WordValidation,
): Promise<ValidationResult> {
  const ofWords: number[] = [];
  const sums = { loss: 0, click: 0, clickOracle: 0, box: 0, objects: 0 };
  const judged: JudgedMask[] = [];
  for await (const image of images) {
    const { features, targets } = image;
    if (words) ofWords.push(...(await wordIous(words, parameters, image)));
    const run = (prompts: readonly PromptInput[], isFirst: boolean) =>
      objective.run(parameters, { ...features, ...promptFeeds(prompts, targets, isFirst) });
    const byClick = await run(targets.map(clickInside), true);
    const byBox = await run(
      targets.map(({ boxXyxy }) => ({ boxXyxy })),
      false,
    );
    const [chosen, boxes] = [chosenMasks(byClick.outputs, true), chosenMasks(byBox.outputs, false)];
    const actual = byClick.outputs.actual_iou!;
    const count = actual.shape[1]!;
    targets.forEach((_, i) => {
      const three = (actual.data as Float32Array).subarray(i * count + 1, (i + 1) * count);
      const { logits, ...scores } = chosen[i]!;
      judged.push({ ...scores, stability: stabilityScore(logits, 0, 1) });
      sums.click += scores.actualIou;
      sums.clickOracle += Math.max(...three);
      sums.box += boxes[i]!.actualIou;
    });
    sums.loss += ((byClick.loss + byBox.loss) / 2) * targets.length;
    sums.objects += targets.length;
  }
  const { objects, ...totals } = sums;
  if (objects === 0)
    throw new TrainingError(
      "target-empty",
      "No object of the validation set is large enough for the model's masks. Use images at a larger scale.",
    );
  return {
    loss: totals.loss / objects,
    click: totals.click / objects,
    clickOracle: totals.clickOracle / objects,
    box: totals.box / objects,
    objects,
    ...(ofWords.length > 0 && { text: ofWords.reduce((sum, iou) => sum + iou, 0) / ofWords.length }),
    ...everythingThresholds(judged),
  };
}

/** The cell of the target that is farthest from its border (paper, section 7.1), in the model's input. */
function clickInside({ data, maskSide, imageSide }: Target): PromptInput {
  const [x, y] = interiorPoint({ width: maskSide, height: maskSide, data })!;
  const cell = imageSide / maskSide;
  return { pointCoords: [modelPoint([(x + 0.5) * cell, (y + 0.5) * cell])], pointLabels: [1] };
}
