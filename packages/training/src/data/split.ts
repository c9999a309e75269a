import { TrainingError } from "../errors.js";
import { createRandom, shuffled } from "../random/random.js";
import type { TrainingSample } from "./training-sample.js";

/**
 * Which images validate; all by their file names in order. `every`: the first of each group of so many (of 3:
 * the 1st, the 4th, the 7th, …). `last`: so many at the end. `share`: a part of all, chosen at random.
 */
export type ValidationSplit =
  | { readonly every: number }
  | { readonly last: number }
  | { readonly share: number; readonly seed: number };

/** Samples in two parts, each in the order of all. */
export interface SplitSamples<Sample> {
  readonly train: Sample[];
  readonly validation: Sample[];
}

/**
 * Splits samples into those to train on and those to validate with. Samples of one file stay together.
 *
 * @param samples by file names in order
 * @throws TrainingError `option-invalid` for a split that leaves one part empty
 *
 * @example
 * const samples = ["a.png", "b.png", "c.png", "d.png"].map((fileName) => ({ fileName }));
 * console.log(splitSamples(samples, { every: 3 }).validation.map(({ fileName }) => fileName));
 * // [ 'a.png', 'd.png' ]
 */
export function splitSamples<Sample extends Pick<TrainingSample, "fileName">>(
  samples: readonly Sample[],
  split: ValidationSplit,
): SplitSamples<Sample> {
  const names = [...new Set(samples.map(({ fileName }) => fileName))];
  const validating = new Set(namesOf(names, split));
  if (validating.size === 0 || validating.size === names.length)
    throw new TrainingError(
      "option-invalid",
      `Of ${names.length} images, ${validating.size} would validate by ${JSON.stringify(split)}. Leave images for training and for validation.`,
    );
  const isValidating = ({ fileName }: Sample): boolean => validating.has(fileName);
  return {
    train: samples.filter((sample) => !isValidating(sample)),
    validation: samples.filter(isValidating),
  };
}

function namesOf(names: readonly string[], split: ValidationSplit): string[] {
  if ("every" in split) {
    checkCount("every", split.every);
    return names.filter((_, index) => index % split.every === 0);
  }
  if ("last" in split) {
    checkCount("last", split.last);
    return names.slice(-split.last);
  }
  return namesAtRandom(names, split);
}

function namesAtRandom(
  names: readonly string[],
  { share, seed }: { readonly share: number; readonly seed: number },
): string[] {
  if (!(share > 0 && share < 1))
    throw new TrainingError(
      "option-invalid",
      `The share ${share} of images to validate with must be between 0 and 1, such as 0.2.`,
    );
  // Rounding leaves no part without an image as long as there are two.
  const count = Math.min(Math.max(Math.round(share * names.length), 1), names.length - 1);
  return shuffled(createRandom(seed), names).slice(0, count);
}

function checkCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new TrainingError("option-invalid", `"${name}" must be a whole number of 1 or more, not ${count}.`);
}
