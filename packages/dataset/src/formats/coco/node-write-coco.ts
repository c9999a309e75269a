import { join } from "node:path";
import { throwIfAborted } from "../../errors.js";
import { type FileSink, openFileSink } from "../../files/file-sink.js";
import { type OutputFolder, openOutputFolder } from "../../files/output-folder.js";
import { createOutputNames } from "../../names/output-names.js";
import type { Category, Dataset, DatasetRecord, JsonObject } from "../../record.js";
import type { Feature } from "../features.js";
import type { WriteOptions, WriteReport } from "../format.js";
import { createIdIssuer } from "../id-issuer.js";
import { createLossCounter, type LossCounter } from "../losses.js";
import { createImageFileWriter, withOutputName } from "../node-image-files.js";
import {
  type CategoryCounts,
  cocoHolds,
  toCocoAnnotation,
  toCocoCategory,
  toCocoImage,
  toIgnoreRegionJson,
} from "./coco.js";

const FILE = "annotations.json";

/** How COCO's and LVIS's files differ for the writer. */
export interface CocoDialect {
  readonly format: string;
  readonly holds: ReadonlySet<Feature>;
  readonly image: typeof toCocoImage;
  readonly annotation: typeof toCocoAnnotation;
  /** @param counts how often the class was met in the file */
  readonly category: (category: Category, counts: CategoryCounts) => JsonObject;
  readonly hasIgnoreRegions: boolean;
}

const cocoDialect: CocoDialect = {
  format: "coco",
  holds: cocoHolds,
  image: toCocoImage,
  annotation: toCocoAnnotation,
  category: toCocoCategory,
  hasIgnoreRegions: true,
};

/**
 * Writes a COCO set: `annotations.json`, and the image files in `images/`. Nothing but one image and its masks is held in memory.
 * A number that is there twice gets the next free one. COCO's tools want a class for every mask, so masks without one get
 * a class "object", which is added where it's needed.
 *
 * @throws DatasetError `output-exists`, `dataset-invalid` for two images of one name, `file-unwritable`, `aborted`
 */
export async function writeCoco(
  dataset: Dataset,
  path: string,
  options: WriteOptions = {},
): Promise<WriteReport> {
  return writeCocoDialect(cocoDialect, dataset, path, options);
}

/** `writeCoco` for COCO and its relatives. */
export async function writeCocoDialect(
  dialect: CocoDialect,
  dataset: Dataset,
  path: string,
  options: WriteOptions = {},
): Promise<WriteReport> {
  const { signal, images = "copy", onProgress, onProblem } = options;
  const output = await openOutputFolder(path, options, { format: dialect.format, images });
  const imageFiles = createImageFileWriter(output, "images", options);
  const losses = createLossCounter(dataset, dialect.holds);
  const file = await openCocoFile(output, dataset, dialect, losses);
  const names = createOutputNames({ byStem: false });
  const totals = { images: 0, annotations: 0, imageFiles: 0, keptFiles: 0 };
  try {
    for await (const source of dataset.records({ signal, onProblem })) {
      throwIfAborted(signal);
      // A name that is only told, not written, stays as it is.
      const isWritten = images === "copy" && source.image.open !== undefined;
      const record = isWritten ? withOutputName(source, names, losses) : source;
      const outcome = await imageFiles.write(record.image);
      if (outcome === "written") totals.imageFiles++;
      if (outcome === "kept") totals.keptFiles++;
      losses.addRecord(record);
      await file.add(record);
      totals.images++;
      totals.annotations += record.annotations.length;
      onProgress?.({
        images: totals.images,
        annotations: totals.annotations,
        ...(dataset.imageCount !== undefined && { totalImages: dataset.imageCount }),
      });
    }
    await file.finish();
    await output.finish();
  } finally {
    await file.discard();
  }
  return { format: dialect.format, ...totals, losses: losses.list(), renamed: names.renamed };
}

interface CocoFile {
  add(record: DatasetRecord): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** The masks go into the file at once; images and regions to ignore wait in files of their own and are added at the end. */
async function openCocoFile(
  output: OutputFolder,
  dataset: Dataset,
  dialect: CocoDialect,
  losses: LossCounter,
): Promise<CocoFile> {
  const path = join(output.path, FILE);
  const file = await openFileSink(path);
  const images = await openFileSink(`${path}.images`);
  const regions = await openFileSink(`${path}.regions`);
  const lists = { annotations: createList(file), images: createList(images), regions: createList(regions) };
  const imageIds = createIdIssuer();
  const annotationIds = createIdIssuer();
  const objectClass = classForAll(dataset.categories);
  const categoryCounts = createCategoryCounts();
  const issue = (issuer: ReturnType<typeof createIdIssuer>, id: number, feature: Feature): number => {
    const issued = issuer.issue(id);
    if (issued !== id) losses.addChanged(feature);
    return issued;
  };
  await file.append(beginning(dataset));
  return {
    async add({ image, annotations, ignoreRegions = [] }) {
      const imageId = issue(imageIds, image.id, "imageIds");
      await lists.images.add({ ...dialect.image({ ...image, id: imageId }) });
      for (const annotation of annotations) {
        const id = issue(annotationIds, annotation.id, "annotationIds");
        const categoryId = annotation.categoryId ?? objectClass.id;
        categoryCounts.add(imageId, categoryId);
        await lists.annotations.add(dialect.annotation(annotation, { id, imageId, categoryId }));
      }
      if (!dialect.hasIgnoreRegions) return;
      for (const region of ignoreRegions) await lists.regions.add(toIgnoreRegionJson(region, imageId));
    },
    async finish() {
      await Promise.all([images.flush(), regions.flush()]);
      await file.append('\n],\n"images": [');
      await file.appendFile(images.temporaryPath);
      if (!lists.regions.isEmpty()) {
        await file.append('\n],\n"ignore_regions": [');
        await file.appendFile(regions.temporaryPath);
      }
      const isUsed = categoryCounts.of(objectClass.id).annotations > 0;
      const categories = [...dataset.categories, ...(isUsed ? [objectClass] : [])];
      const entries = categories.map((category) =>
        dialect.category(category, categoryCounts.of(category.id)),
      );
      await file.append(`\n],\n"categories": ${JSON.stringify(entries)}\n}\n`);
      await output.put(FILE, file);
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
  const highest = categories.reduce((id, category) => Math.max(id, category.id), 0);
  return { id: highest + 1, name: "object" };
}

function createList(sink: FileSink): { add(entry: JsonObject): Promise<void>; isEmpty(): boolean } {
  let isEmpty = true;
  return {
    async add(entry) {
      await sink.append(`${isEmpty ? "\n" : ",\n"}${JSON.stringify(entry)}`);
      isEmpty = false;
    },
    isEmpty: () => isEmpty,
  };
}
