import { type ModelPoint, modelPoint } from "@segany/masks";
import type { PromptInput } from "@segany/sam";
import { chosenIndexes, maskLogits } from "../loop/chosen-masks.js";
import { addGradients, type PromptingSettings } from "../loop/train-image.js";
import type { FeatureMaps } from "../model/encoder-objective.js";
import { firstPrompt, nextPrompt } from "../prompts/simulate.js";
import type { ModelFrame } from "../prompts/target.js";
import type { Random } from "../random/random.js";
import type { FeatureLoss } from "./feature-loss.js";
import { predictedTarget } from "./predicted-target.js";
import type { PromptDecoder } from "./prompt-decoder.js";

/** The feature maps of an image, from both models. */
export interface FeaturePair {
  readonly student: FeatureMaps;
  readonly teacher: FeatureMaps;
}

/** How a student's feature maps are compared by prompts. */
export interface PromptComparison extends PromptingSettings {
  /** The teacher's decoder: with gradients for the student, without for the teacher's own answers. */
  readonly decoder: PromptDecoder;
  readonly plainDecoder: PromptDecoder;
  /** Objects of an image: what the teacher finds at random points. */
  readonly objects: number;
}

/**
 * Prompts in the loop: in each round teacher and student get the same prompts, and the student's masks are to
 * be the teacher's; then comes a point from where the two disagree (EdgeSAM, arXiv 2312.06660, algorithm 1).
 * Objects are what the teacher finds at random points, so no labels are needed.
 */
export async function promptLoss(
  { decoder, plainDecoder, objects, rounds, firstPrompts }: PromptComparison,
  { student, teacher }: FeaturePair,
  frame: ModelFrame,
  random: Random,
): Promise<FeatureLoss> {
  const gradients = new Map<string, Float32Array>();
  let loss = 0;
  const points = randomPoints(random, frame, objects);
  const found = await answers(plainDecoder, teacher, points, true);
  let prompts: PromptInput[] = found.chosen.map(({ logits }, i) => {
    const target = predictedTarget(logits, frame);
    return target.area > 0 ? firstPrompt(random, target, firstPrompts) : points[i]!;
  });
  for (let round = 0; round < rounds; round++) {
    const { masks, chosen } = await answers(plainDecoder, teacher, prompts, round === 0);
    const result = await decoder.run(student, prompts, masks);
    loss += result.loss / rounds;
    addGradients(gradients, result.gradients, 1 / rounds);
    prompts = prompts.map((prompt, i) => {
      const target = predictedTarget(chosen[i]!.logits, frame);
      const logits = maskLogits(result.outputs, i, chosen[i]!.token);
      const { maskInput: _, ...next } = nextPrompt(random, { prompt, target, logits, addPoint: true });
      return next;
    });
  }
  return { loss, gradients };
}

/** Mean IoU of the masks that both models are most sure of, for one click at random points of an image. */
export async function maskAgreement(
  decoder: PromptDecoder,
  { student, teacher }: FeaturePair,
  prompts: readonly PromptInput[],
): Promise<number> {
  const { masks, chosen } = await answers(decoder, teacher, prompts, true);
  const cells = chosen[0]!.logits.length;
  const tokens = masks.length / (prompts.length * cells);
  const repeated = new Float32Array(masks.length); // the chosen mask for each token
  for (let i = 0; i < prompts.length * tokens; i++) {
    const prompt = Math.floor(i / tokens);
    const start = (prompt * tokens + chosen[prompt]!.token) * cells;
    repeated.set(masks.subarray(start, start + cells), i * cells);
  }
  const { outputs } = await decoder.run(student, prompts, repeated);
  const ious = outputs.actual_iou!.data as Float32Array;
  const own = chosenIndexes(outputs, true).map((token, prompt) => ious[prompt * tokens + token]!);
  return own.reduce((sum, iou) => sum + iou, 0) / own.length;
}

/** Points anywhere in the image, in pixels of the model's input. */
export function randomPoints(random: Random, { inputSize }: ModelFrame, count: number): PromptInput[] {
  const place = (): ModelPoint =>
    modelPoint([inputSize.width * random.unit(), inputSize.height * random.unit()]);
  return Array.from({ length: count }, () => ({ pointCoords: [place()], pointLabels: [1] }));
}

/** What the teacher makes of prompts. */
interface Answers {
  /** BxMxSxS, 1 inside and 0 outside. */
  readonly masks: Float32Array;
  /** Of each prompt the mask that the teacher is most sure of. */
  readonly chosen: readonly { readonly token: number; readonly logits: Float32Array }[];
}

async function answers(
  decoder: PromptDecoder,
  features: FeatureMaps,
  prompts: readonly PromptInput[],
  ofThree: boolean,
): Promise<Answers> {
  const { outputs } = await decoder.run(features, prompts);
  const logits = outputs.low_res_logits!.data as Float32Array;
  return {
    masks: logits.map((value) => (value > 0 ? 1 : 0)),
    chosen: chosenIndexes(outputs, ofThree).map((token, prompt) => ({
      token,
      logits: maskLogits(outputs, prompt, token),
    })),
  };
}
