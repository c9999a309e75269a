import type { WeightShapes } from "@segany/graph";
import { TrainingError } from "../errors.js";
import type { RandomState } from "../random/random.js";
import type { AdamWState } from "../step/adamw.js";

/** All that the rest of a run depends on. */
export interface TrainerState {
  readonly optimizer: AdamWState;
  readonly random: RandomState;
  /** Of each set the images of its epoch that are still to come, by index. */
  readonly queues: readonly (readonly number[])[];
}

/**
 * Checks that a saved state is one of the weights and sets that are trained.
 *
 * @param keys of the weights that are trained
 * @param setSizes images of each set
 * @throws TrainingError `run-mismatch`
 */
export function checkState(
  { optimizer, queues }: TrainerState,
  keys: readonly string[],
  weights: WeightShapes,
  setSizes: readonly number[],
): void {
  if (optimizer.parameters.size !== keys.length)
    throw mismatch(`it has ${optimizer.parameters.size} weights, not ${keys.length}`);
  for (const key of keys) checkWeight(optimizer, key, weights.get(key)!.shape);
  const isQueue = (size: number, set: number) =>
    queues[set]?.every((index) => Number.isSafeInteger(index) && index >= 0 && index < size);
  if (queues.length !== setSizes.length || !setSizes.every(isQueue))
    throw mismatch("it names images that are not there");
}

function checkWeight({ parameters, moments }: AdamWState, key: string, shape: readonly number[]): void {
  const found = parameters.get(key);
  if (`${found?.shape}` !== `${shape}`)
    throw mismatch(`the shape of ${key} is ${found ? `[${found.shape}]` : "missing"}, not [${shape}]`);
  const values = [found?.data, ...Object.values(moments.get(key) ?? {})];
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (values.length !== 4 || values.some((data) => data?.length !== size))
    throw mismatch(`${key} does not have all values of its weight, moments and average`);
}

function mismatch(what: string): TrainingError {
  return new TrainingError(
    "run-mismatch",
    `The saved state does not fit the model and the data: ${what}. Is the file of the run damaged?`,
  );
}
