import type { RunTensor } from "@segany/runtime";
import type { PromptInput } from "@segany/sam";
import { promptRounds } from "../prompts/rounds.js";
import { type FirstPromptKind, firstPrompt, nextPrompt } from "../prompts/simulate.js";
import type { Target } from "../prompts/target.js";
import type { Random } from "../random/random.js";
import type { Objective, ObjectiveResult } from "../step/objective.js";
import type { Parameters } from "../step/parameters.js";
import { chosenMasks } from "./chosen-masks.js";
import { promptFeeds } from "./prompt-feeds.js";

/** An image as the decoder sees it, and the objects on it. */
export interface EncodedImage {
  /** Feature maps, by name. */
  readonly features: Readonly<Record<string, RunTensor>>;
  readonly targets: readonly Target[];
  /** Of each target CLIP's features: its first prompt, in the place of a point or a box. */
  readonly vectors?: readonly Float32Array[];
}

/** How prompts are simulated. */
export interface PromptingSettings {
  readonly rounds: number;
  readonly firstPrompts: readonly FirstPromptKind[];
}

/** What the rounds on one image gave: means over rounds and objects. */
export interface ImageResult {
  readonly loss: number;
  /** IoU of the mask that the model was most sure of, in the first and in the last round. */
  readonly firstIou: number;
  readonly lastIou: number;
  /** Mean over the rounds, by key. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/**
 * Trains on an image's objects in rounds of prompts, as the paper does (appendix A, "Training algorithm"):
 * each round's prompts are made from the masks of the last one, and all rounds' losses count alike.
 */
export async function trainOnImage(
  objective: Objective,
  parameters: Parameters,
  { features, targets, vectors }: EncodedImage,
  { rounds, firstPrompts }: PromptingSettings,
  random: Random,
): Promise<ImageResult> {
  const plan = promptRounds(random, rounds);
  const sums = new Map<string, Float32Array>();
  const ious: number[] = [];
  let prompts: PromptInput[] = targets.map((target) =>
    vectors ? {} : firstPrompt(random, target, firstPrompts),
  );
  let loss = 0;
  let last: ObjectiveResult | undefined;
  for (const round of plan) {
    const isFirst = round === "first";
    if (last) prompts = nextPrompts(random, prompts, targets, last, ious.length === 1, round === "point");
    last = await objective.run(parameters, {
      ...features,
      ...promptFeeds(prompts, targets, isFirst, vectors),
    });
    loss += last.loss / plan.length;
    addGradients(sums, last.gradients, 1 / plan.length);
    ious.push(meanOf(chosenMasks(last.outputs, isFirst).map(({ actualIou }) => actualIou)));
  }
  return { loss, firstIou: ious[0]!, lastIou: ious.at(-1)!, gradients: sums };
}

function nextPrompts(
  random: Random,
  prompts: readonly PromptInput[],
  targets: readonly Target[],
  { outputs }: ObjectiveResult,
  wasFirst: boolean,
  addPoint: boolean,
): PromptInput[] {
  const masks = chosenMasks(outputs, wasFirst);
  return prompts.map((prompt, i) =>
    nextPrompt(random, { prompt, target: targets[i]!, logits: masks[i]!.logits, addPoint }),
  );
}

/** Adds gradients, times a factor, to sums. */
export function addGradients(
  sums: Map<string, Float32Array>,
  gradients: ReadonlyMap<string, Float32Array>,
  factor: number,
): void {
  for (const [key, gradient] of gradients) {
    const sum = sums.get(key) ?? new Float32Array(gradient.length);
    for (let i = 0; i < sum.length; i++) sum[i]! += factor * gradient[i]!;
    sums.set(key, sum);
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
