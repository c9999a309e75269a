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
  /**
   * Images for which it returns the same text stay in one part, such as copies of one image; those for which
   * it returns `undefined` are on their own. Parts get their share of the images as nearly as groups allow.
   */
  readonly groupOf?: ((record: DatasetRecord) => string | undefined) | undefined;
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
  { ratios, seed = 0, stratify = false, groupOf, ...pass }: SplitOptions,
): Promise<Map<string, Dataset>> {
  const names = Object.keys(ratios);
  const shares = sharesOf(ratios);
  const { images, firsts, others } = await bundleImages(dataset, { stratify, groupOf }, pass);
  const partOf = new Uint8Array(images);
  const counts = names.map(() => 0);
  const random = createRandom(seed);
  // What rounding takes from a part in one class it gets back in the next.
  const owed = names.map(() => 0);
  for (const ofClass of firsts)
    assign(ofClass, others, shares, owed, random, (index, part) => {
      partOf[index] = part;
      counts[part]!++;
    });
  return new Map(
    names.map((name, part) => {
      const derived = deriveDataset(
        dataset,
        () => (record, index) => (partOf[index] === part ? record : undefined),
      );
      return [name, { ...derived, name, part: name, imageCount: counts[part]! }];
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

/** Images by their places in the data set; those that stay together are known by the first of them. */
interface Bundles {
  readonly images: number;
  /** The first image of each bundle, by the class that they are split within; one list without classes. */
  readonly firsts: readonly Uint32Array[];
  /** The other images of bundles that have some, by the first. */
  readonly others: ReadonlyMap<number, readonly number[]>;
}

async function bundleImages(
  dataset: Dataset,
  { stratify, groupOf }: Required<Pick<SplitOptions, "stratify" | "groupOf">>,
  pass: RecordsOptions,
): Promise<Bundles> {
  const others = new Map<number, number[]>();
  if (dataset.imageCount !== undefined && !stratify && !groupOf) {
    const images = dataset.imageCount;
    return { images, firsts: [Uint32Array.from({ length: images }, (_, index) => index)], others };
  }
  const firsts: number[] = [];
  const firstOf = new Map<string, number>();
  const classesOfImages: Uint32Array[] = [];
  let images = 0;
  for await (const record of dataset.records(pass)) {
    const index = images++;
    if (stratify) classesOfImages.push(Uint32Array.from(classesOf(record)));
    const name = groupOf?.(record);
    const first = name === undefined ? undefined : firstOf.get(name);
    if (first !== undefined) {
      const members = others.get(first);
      if (members) members.push(index);
      else others.set(first, [index]);
      continue;
    }
    firsts.push(index);
    if (name !== undefined) firstOf.set(name, index);
  }
  return {
    images,
    firsts: stratify ? byRarestClass(firsts, others, classesOfImages) : [Uint32Array.from(firsts)],
    others,
  };
}

/** Bundles by their rarest class: an image of a common and a rare class matters for the rare one. */
function byRarestClass(
  firsts: readonly number[],
  others: Bundles["others"],
  classesOfImages: readonly Uint32Array[],
): Uint32Array[] {
  const imagesOfClass = new Map<number, number>();
  for (const classes of classesOfImages)
    for (const id of classes) imagesOfClass.set(id, (imagesOfClass.get(id) ?? 0) + 1);
  const found = new Map<number, number[]>();
  for (const first of firsts) {
    let rarest = -1;
    for (const index of [first, ...(others.get(first) ?? [])])
      for (const id of classesOfImages[index]!)
        if (rarest < 0 || imagesOfClass.get(id)! < imagesOfClass.get(rarest)!) rarest = id;
    const list = found.get(rarest);
    if (list) list.push(first);
    else found.set(rarest, [first]);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, list]) => Uint32Array.from(list));
}

function classesOf({ annotations }: DatasetRecord): Set<number> {
  return new Set(annotations.flatMap(({ categoryId }) => (categoryId === undefined ? [] : [categoryId])));
}

/** Gives each part its share of the bundles: the next one goes to the part that is owed most images. */
function assign(
  firsts: Uint32Array,
  others: Bundles["others"],
  shares: readonly number[],
  owed: number[],
  random: Random,
  give: (index: number, part: number) => void,
): void {
  shuffle(firsts, random);
  for (const first of firsts) {
    const bundle = [first, ...(others.get(first) ?? [])];
    let most = 0;
    for (const [part, share] of shares.entries()) {
      owed[part]! += share * bundle.length;
      // Sums of shares are never quite even; a hair's breadth must not decide.
      if (owed[part]! > owed[most]! + 1e-9) most = part;
    }
    owed[most]! -= bundle.length;
    for (const index of bundle) give(index, most);
  }
}
