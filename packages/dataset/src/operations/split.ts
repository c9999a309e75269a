import { DatasetError } from "../errors.js";
import type { Dataset, DatasetRecord, RecordsOptions } from "../record.js";
import { deriveDataset } from "./derive-dataset.js";
import { createRandom, type Random, shuffle } from "./random.js";

/** Settings of `splitDataset`. */
export interface SplitOptions extends RecordsOptions {
  /**
   * Parts by name, with how much of the images each gets: { train: 0.8, val: 0.2 } or { train: 8, val: 2 }.
   */
  readonly ratios: Readonly<Record<string, number>>;
  /** The same seed splits the same way. */
  readonly seed?: number;
  /**
   * Splits images of each class by itself, an image counting as of its rarest class, so that each part has
   * some of all.
   */
  readonly stratify?: boolean;
}

/** More parts than anyone needs, and what fits a byte. */
const maxParts = 100;

/**
 * Splits a data set by images at random. One pass over the records finds out how many there are (and of which
 * classes); a few bytes an image stay in memory.
 *
 * @returns the parts by name, in the order of `ratios`; they read the source anew
 * @throws DatasetError `option-invalid`, `aborted` and whatever reading throws
 *
 * @example
 * const parts = await splitDataset(dataset, { ratios: { train: 1, val: 1 }, seed: 7 });
 * console.log([...parts.keys()]); // [ 'train', 'val' ]
 */
export async function splitDataset(
  dataset: Dataset,
  { ratios, seed = 0, stratify = false, ...pass }: SplitOptions,
): Promise<Map<string, Dataset>> {
  const names = Object.keys(ratios);
  const shares = sharesOf(ratios);
  const groups = stratify ? await groupsByClass(dataset, pass) : await oneGroup(dataset, pass);
  const images = groups.reduce((sum, group) => sum + group.length, 0);
  const partOf = new Uint8Array(images);
  const counts = names.map(() => 0);
  const random = createRandom(seed);
  // What rounding takes from a part in one group it gets back in the next.
  const owed = names.map(() => 0);
  for (const group of groups)
    assign(group, shares, owed, random, (index, part) => {
      partOf[index] = part;
      counts[part]!++;
    });
  return new Map(
    names.map((name, part) => {
      const derived = deriveDataset(
        dataset,
        () => (record, index) => (partOf[index] === part ? record : undefined),
      );
      return [name, { ...derived, name, imageCount: counts[part]! }];
    }),
  );
}

function sharesOf(ratios: Readonly<Record<string, number>>): number[] {
  const values = Object.values(ratios);
  const sum = values.reduce((total, value) => total + value, 0);
  if (
    values.length < 2 ||
    values.length > maxParts ||
    !(sum > 0) ||
    !values.every((value) => value >= 0 && value < 1e9)
  ) {
    throw new DatasetError(
      "option-invalid",
      `The parts of a split must be 2 to ${maxParts}, each with a share of 0 or more, such as { train: 0.8, val: 0.2 }, not ${JSON.stringify(ratios)}.`,
    );
  }
  return values.map((value) => value / sum);
}

async function oneGroup(dataset: Dataset, pass: RecordsOptions): Promise<Uint32Array[]> {
  let images = dataset.imageCount ?? 0;
  if (dataset.imageCount === undefined) for await (const _ of dataset.records(pass)) images++;
  return [Uint32Array.from({ length: images }, (_, index) => index)];
}

/** Images by their rarest class: an image of a common and a rare class matters for the rare one. */
async function groupsByClass(dataset: Dataset, pass: RecordsOptions): Promise<Uint32Array[]> {
  const imagesOfClass = new Map<number, number>();
  const classesOfImages: Uint32Array[] = [];
  for await (const record of dataset.records(pass)) {
    const classes = classesOf(record);
    classesOfImages.push(Uint32Array.from(classes));
    for (const id of classes) imagesOfClass.set(id, (imagesOfClass.get(id) ?? 0) + 1);
  }
  const groups = new Map<number, number[]>();
  for (const [index, classes] of classesOfImages.entries()) {
    const rarest = classes.reduce(
      (best, id) => (best < 0 || imagesOfClass.get(id)! < imagesOfClass.get(best)! ? id : best),
      -1,
    );
    const group = groups.get(rarest);
    if (group) group.push(index);
    else groups.set(rarest, [index]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, indices]) => Uint32Array.from(indices));
}

function classesOf({ annotations }: DatasetRecord): Set<number> {
  return new Set(annotations.flatMap(({ categoryId }) => (categoryId === undefined ? [] : [categoryId])));
}

/** Gives each part its share of a group: the next image goes to the part that is owed most. */
function assign(
  group: Uint32Array,
  shares: readonly number[],
  owed: number[],
  random: Random,
  give: (index: number, part: number) => void,
): void {
  shuffle(group, random);
  for (const index of group) {
    let most = 0;
    for (const [part, share] of shares.entries()) {
      owed[part]! += share;
      // Sums of shares are never quite even; a hair's breadth must not decide.
      if (owed[part]! > owed[most]! + 1e-9) most = part;
    }
    owed[most]! -= 1;
    give(index, most);
  }
}
