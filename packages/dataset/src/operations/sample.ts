import { DatasetError } from "../errors.js";
import type { Dataset, RecordsOptions } from "../record.js";
import { deriveDataset } from "./derive-dataset.js";
import { createRandom } from "./random.js";

/** Settings of `sampleDataset`. */
export interface SampleOptions extends RecordsOptions {
  /** How many images; all when there are fewer. */
  readonly count: number;
  /** The same seed chooses the same images. */
  readonly seed?: number;
}

/**
 * Chooses images at random, each as likely, in one pass without knowing how many there are (reservoir
 * sampling, algorithm R of Vitter, 1985); only the chosen ones' numbers are in memory. They keep their order.
 *
 * @throws DatasetError `option-invalid`, `aborted` and whatever reading throws
 *
 * @example
 * const { images } = await collectStatistics(await sampleDataset(dataset, { count: 1, seed: 7 }));
 * console.log(images); // 1
 */
export async function sampleDataset(
  dataset: Dataset,
  { count, seed = 0, ...pass }: SampleOptions,
): Promise<Dataset> {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new DatasetError(
      "option-invalid",
      `A sample has a whole number of images, 1 or more, not ${count}.`,
    );
  const random = createRandom(seed);
  const reservoir: number[] = [];
  const choose = (index: number): void => {
    if (reservoir.length < count) reservoir.push(index);
    else {
      const place = random.below(index + 1);
      if (place < count) reservoir[place] = index;
    }
  };
  let images = dataset.imageCount;
  if (images !== undefined) for (let index = 0; index < images; index++) choose(index);
  else {
    images = 0;
    for await (const _ of dataset.records(pass)) choose(images++);
  }
  const chosen = new Set(reservoir);
  const sample = deriveDataset(dataset, () => (record, index) => (chosen.has(index) ? record : undefined));
  return { ...sample, imageCount: chosen.size };
}
