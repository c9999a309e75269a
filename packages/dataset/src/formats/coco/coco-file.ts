import type { DatasetOutput, OutputText } from "../../output.js";
import type { Category, Dataset, DatasetRecord, JsonObject } from "../../record.js";
import { classlessName } from "../class-list.js";
import type { Feature } from "../features.js";
import { createIdIssuer } from "../id-issuer.js";
import type { LossCounter } from "../losses.js";
import { type CategoryCounts, toIgnoreRegionJson } from "./coco.js";
import type { CocoDialect } from "./coco-dialect.js";

/** An annotation file that is being written. */
export interface CocoFile {
  add(record: DatasetRecord): Promise<void>;
  finish(): Promise<"written" | "kept">;
  /** Removes it. Never fails; does nothing after `finish`. */
  discard(): Promise<void>;
}

/**
 * Begins an annotation file. The masks go into it at once; images and regions to ignore wait in files of
 * their own and are added at the end.
 */
export async function openCocoFile(
  output: DatasetOutput,
  name: string,
  dataset: Dataset,
  dialect: CocoDialect,
  losses: LossCounter,
): Promise<CocoFile> {
  const file = await output.open(name);
  const images = await output.open(`${name}.images`);
  const regions = await output.open(`${name}.regions`);
  const lists = { annotations: createList(file), images: createList(images), regions: createList(regions) };
  const issueImage = createIssuer("imageIds", losses);
  const issueAnnotation = createIssuer("annotationIds", losses);
  const classless = classForAll(dataset.categories);
  const counts = createCategoryCounts();
  await file.append(beginning(dataset));
  return {
    async add({ image, annotations, ignoreRegions = [] }) {
      const imageId = issueImage(image.id);
      await lists.images.add(dialect.image({ ...image, id: imageId }));
      for (const annotation of annotations) {
        const id = issueAnnotation(annotation.id);
        const categoryId = annotation.categoryId ?? classless.id;
        counts.add(imageId, categoryId);
        await lists.annotations.add(dialect.annotation(annotation, { id, imageId, categoryId }));
      }
      if (!dialect.hasIgnoreRegions) return;
      for (const region of ignoreRegions) await lists.regions.add(toIgnoreRegionJson(region, imageId));
    },
    async finish() {
      await file.append('\n],\n"images": [');
      await addAll(file, images);
      if (!lists.regions.isEmpty()) {
        await file.append('\n],\n"ignore_regions": [');
        await addAll(file, regions);
      }
      const isNew = !dataset.categories.includes(classless) && counts.of(classless.id).annotations > 0;
      const categories = isNew ? [...dataset.categories, classless] : dataset.categories;
      const entries = categories.map((category) => dialect.category(category, counts.of(category.id)));
      await file.append(`\n],\n"categories": ${JSON.stringify(entries)}\n}\n`);
      return file.finish();
    },
    async discard() {
      await Promise.all([file.discard(), images.discard(), regions.discard()]);
    },
  };
}

function beginning({ info, licenses }: Dataset): string {
  const parts = [
    ...(info ? [`"info": ${JSON.stringify(info)},\n`] : []),
    ...(licenses ? [`"licenses": ${JSON.stringify(licenses)},\n`] : []),
  ];
  return `{\n${parts.join("")}"annotations": [`;
}

/** Gives each number once, and counts those that it had to change. */
function createIssuer(feature: Feature, losses: LossCounter): (id: number) => number {
  const issuer = createIdIssuer();
  return (id) => {
    const issued = issuer.issue(id);
    if (issued !== id) losses.addChanged(feature);
    return issued;
  };
}

function createCategoryCounts(): {
  add(imageId: number, categoryId: number): void;
  of(categoryId: number): CategoryCounts;
} {
  const counts = new Map<number, { images: number; annotations: number; lastImageId: number }>();
  return {
    add(imageId, categoryId) {
      const count = counts.get(categoryId) ?? { images: 0, annotations: 0, lastImageId: -1 };
      counts.set(categoryId, count);
      count.annotations++;
      // The masks of an image come together.
      if (count.lastImageId !== imageId) count.images++;
      count.lastImageId = imageId;
    },
    of: (categoryId) => counts.get(categoryId) ?? { images: 0, annotations: 0 },
  };
}

/** The class of masks without a class. */
function classForAll(categories: readonly Category[]): Category {
  const known = categories.find(({ name }) => name === classlessName);
  const highest = categories.reduce((id, category) => Math.max(id, category.id), 0);
  return known ?? { id: highest + 1, name: classlessName };
}

async function addAll(file: OutputText, other: OutputText): Promise<void> {
  for await (const chunk of other.read()) await file.append(chunk);
}

function createList(text: OutputText): { add(entry: JsonObject): Promise<void>; isEmpty(): boolean } {
  let isEmpty = true;
  return {
    async add(entry) {
      await text.append(`${isEmpty ? "\n" : ",\n"}${JSON.stringify(entry)}`);
      isEmpty = false;
    },
    isEmpty: () => isEmpty,
  };
}
