import { TrainingError } from "../errors.js";
import type { Random } from "../random/random.js";

/**
 * What a round of training on one object gives the decoder. `first`: a point or a box. `point`: all before,
 * the logits of the last round, and a point from where these were wrong. `refine`: the same without a new
 * point.
 */
export type PromptRound = "first" | "point" | "refine";

/** Rounds of the paper's training. */
export const PAPER_ROUNDS = 11;

/** From so many rounds on, one of those without a new point lies among those with one. */
const ROUNDS_WITH_TWO_REFINEMENTS = 5;
const ROUNDS_WITH_REFINEMENT = 3;

/**
 * The order of the rounds on one object, as in the paper (appendix A, "Training algorithm"): a first prompt,
 * 8 rounds with a new point each and 2 without, one of which is put among the 8 at random, and the other at
 * the end. Fewer rounds have fewer points, below 5 no refinement among them, and below 3 none at all.
 *
 * @param rounds 1 or more; 11 in the paper
 * @throws TrainingError `option-invalid`
 *
 * @example
 * console.log(promptRounds(createRandom(1), 4)); // [ 'first', 'point', 'point', 'refine' ]
 */
export function promptRounds(random: Random, rounds = PAPER_ROUNDS): PromptRound[] {
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new TrainingError("option-invalid", `${rounds} rounds can't be trained. Give 1 or more.`);
  if (rounds < ROUNDS_WITH_REFINEMENT) return ["first", ...points(rounds - 1)];
  if (rounds < ROUNDS_WITH_TWO_REFINEMENTS) return ["first", ...points(rounds - 2), "refine"];
  const count = rounds - 3;
  const before = 1 + random.below(count - 1);
  return ["first", ...points(before), "refine", ...points(count - before), "refine"];
}

function points(count: number): PromptRound[] {
  return new Array<PromptRound>(count).fill("point");
}
