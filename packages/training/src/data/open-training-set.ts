import {
  type Category,
  type Dataset,
  type DatasetRecord,
  type OpenOptions,
  openDataset,
  type ReadProgress,
} from "@segany/dataset";
import type { ModelIo } from "@segany/sam";
import { TrainingError } from "../errors.js";
import { checkAnnotation } from "./check-annotation.js";
import { checkImage } from "./check-image.js";
import {
  createDataProblemList,
  type DataProblem,
  type DataProblemCounts,
  type DataProblemList,
  describeDataProblems,
} from "./problems.js";
import type { TrainingMask, TrainingSample } from "./training-sample.js";

/** How {@link openTrainingSet} reads a data set. */
export interface TrainingSetOptions {
  /** Path of the data set, of any format that `@segany/dataset` reads; or one that is open. */
  readonly data: string | Dataset;
  /** Format; found out from what lies at the path when absent. */
  readonly format?: string | undefined;
  /** Folder of image files where it isn't at the format's own place. */
  readonly imageFolder?: string | undefined;
  /** Encoding of the set's texts where it isn't UTF-8; by a name that browsers know, such as "gb18030". */
  readonly encoding?: string | undefined;
  /** The model to be trained; with it, masks that it can't see at its resolution are left out. */
  readonly model?: Pick<ModelIo, "imageSide" | "fit" | "maskSide"> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each image. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** A data set that has been read and checked. */
export interface TrainingSet {
  /** The folder's or file's own name. */
  readonly name: string;
  readonly format: string;
  /** Images with masks to train on, by file names in order (of UTF-16 code units). */
  readonly samples: readonly TrainingSample[];
  /** Masks of all samples. */
  readonly maskCount: number;
  /** What was left out, and why: the first thousand. */
  readonly problems: readonly DataProblem[];
  /** All problems, counted by kind. */
  readonly problemCounts: DataProblemCounts;
}

/**
 * Reads a data set and checks all of it before anything is trained: images without a file or of another size,
 * masks without a pixel, too small for the model or, as in the paper, larger than 90 % of their image, boxes
 * without a mask, crowds, classes with a single mask. What can't be trained on is left out and named. Masks
 * stay compressed in memory, some hundred bytes each; pixels of images stay in their files.
 *
 * @throws TrainingError `data-empty` when nothing is left; DatasetError for what isn't a data set, `aborted`
 */
export async function openTrainingSet({
  data,
  format,
  imageFolder,
  encoding,
  model,
  signal,
  onProgress,
}: TrainingSetOptions): Promise<TrainingSet> {
  const list = createDataProblemList();
  const onProblem: OpenOptions["onProblem"] = ({ message }) => list.note({ kind: "record-invalid", message });
  const reading = { format, images: imageFolder, encoding, signal, onProblem };
  const dataset = typeof data === "string" ? await openDataset(data, reading) : data;
  const classes = new Map(dataset.categories.map((category) => [category.id, category] as const));
  const samples: { readonly id: number; readonly sample: TrainingSample }[] = [];
  for await (const record of dataset.records({ signal, onProblem, onProgress })) {
    const sample = await sampleOf(record, { classes, model, list });
    if (sample) samples.push({ id: record.image.id, sample });
  }
  noteSingleMasks(
    samples.map(({ sample }) => sample),
    list,
  );
  if (samples.length === 0) throw nothingToTrainOn(dataset, list);
  samples.sort((a, b) => compare(a.sample.fileName, b.sample.fileName) || a.id - b.id);
  return {
    name: dataset.name,
    format: dataset.format,
    samples: samples.map(({ sample }) => sample),
    maskCount: samples.reduce((sum, { sample }) => sum + sample.masks.length, 0),
    problems: list.problems,
    problemCounts: list.counts,
  };
}

interface Checking {
  readonly classes: ReadonlyMap<number, Category>;
  readonly model: TrainingSetOptions["model"];
  readonly list: DataProblemList;
}

/** A record as a sample; undefined when there is nothing in it to train on. */
async function sampleOf(
  { image, annotations }: DatasetRecord,
  { classes, model, list }: Checking,
): Promise<TrainingSample | undefined> {
  const { fileName } = image;
  const imageProblem = await checkImage(image);
  if (imageProblem) list.note(imageProblem);
  if (imageProblem || !image.open) return undefined;
  const masks: TrainingMask[] = [];
  for (const annotation of annotations) {
    const checked = checkAnnotation(annotation, image, model);
    if ("problem" in checked) {
      list.note(checked.problem);
      continue;
    }
    const { id, categoryId } = annotation;
    const name = categoryId === undefined ? undefined : classes.get(categoryId)?.name;
    masks.push({
      id,
      ...(categoryId !== undefined && { categoryId }),
      ...(name !== undefined && { className: name }),
      runs: checked.runs,
    });
  }
  if (masks.length > 0)
    return { fileName, size: { width: image.width, height: image.height }, masks, open: image.open };
  const message = `The image ${fileName} has no mask to train on.`;
  list.note({ kind: "image-without-mask", fileName, message });
  return undefined;
}

/** Notes classes that have one mask in all samples: it can't be both trained and validated. */
function noteSingleMasks(samples: readonly TrainingSample[], list: DataProblemList): void {
  const first = new Map<number, { count: number; fileName: string; name: string; annotationId: number }>();
  for (const { fileName, masks } of samples) {
    for (const { id, categoryId, className } of masks) {
      if (categoryId === undefined) continue;
      const known = first.get(categoryId);
      if (known) known.count++;
      else
        first.set(categoryId, { count: 1, fileName, name: className ?? `${categoryId}`, annotationId: id });
    }
  }
  for (const { count, fileName, name, annotationId } of first.values()) {
    if (count > 1) continue;
    const message = `The class "${name}" has a single mask, annotation ${annotationId} of ${fileName}. It can't be both trained and validated.`;
    list.note({ kind: "class-with-one-mask", fileName, annotationId, message });
  }
}

function nothingToTrainOn({ name }: Dataset, { counts, problems }: DataProblemList): TrainingError {
  const found = describeDataProblems(counts);
  const why =
    found.length > 0
      ? `it has ${found.join(", ")}. The first: ${problems[0]!.message}`
      : "it has no images. Check its path and format.";
  const hints = [
    counts["image-missing"] && " Name the folder of the images where it isn't at the format's own place.",
    counts["box-without-mask"] &&
      " Masks of boxes are made with: segany dataset masks-from-boxes SET WITH-MASKS",
  ].filter((hint) => hint);
  return new TrainingError(
    "data-empty",
    `The data set ${name} has nothing to train on: ${why}${hints.join("")}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
