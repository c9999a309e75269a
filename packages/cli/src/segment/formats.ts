/** The files that masks are written to: each format is that of `@segany/dataset`. */
import { createFolderOutput } from "@segany/dataset";
import {
  type Category,
  cocoWriter,
  createAmgWriter,
  type DatasetRecord,
  type DatasetWriter,
  datasetFromRecords,
  type JsonObject,
  newAnnotation,
  sa1bWriter,
} from "@segany/dataset/formats";
import { type MaskRecord, rleToBoxXywh } from "@segany/masks";
import { encodeMaskPng } from "@segany/sam";
import { annotationId, type InputImage } from "./inputs.js";
import type { OutputFormat } from "./options.js";

/** What words have found a mask. */
export interface MaskLabel {
  /** The words, which are its class. */
  readonly label: string;
  /** What the engine itself calls it. */
  readonly category?: string;
  /** The engine's score, 0 to 1. */
  readonly score: number;
}

/** A mask of everything mode, or of words. */
export type SegmentedMask = Pick<MaskRecord, "segmentation" | "area" | "bboxXywh" | "predictedIou"> &
  Partial<MaskRecord> & { readonly found?: MaskLabel };

/** An image that has been segmented. */
export interface SegmentedImage {
  readonly input: InputImage;
  readonly width: number;
  readonly height: number;
  readonly records: readonly SegmentedMask[];
}

/** Classes for words, with ids from 1. */
export function categoriesOf(words: readonly string[] = []): Category[] {
  return words.map((name, i) => ({ id: i + 1, name }));
}

/**
 * An image and its masks for a data set. Boxes are those of the mask generator, which for behaviour
 * `official` are one less wide and high, as Meta's files have them; COCO's have COCO's. SA-1B has no classes:
 * the words that a mask was found by are further fields, `label`, `category` and `text_score`, in all formats
 * with such.
 */
export function toDatasetRecord(
  { input, width, height, records }: SegmentedImage,
  format: OutputFormat,
  categories: readonly Category[] = [],
): DatasetRecord {
  const image = { id: input.imageId, fileName: input.fileName, width, height };
  const annotations = records.map(({ segmentation, found, ...fields }, i) => {
    const bboxXywh = format === "coco" ? rleToBoxXywh(segmentation) : fields.bboxXywh;
    const extra = found && labelFields(found);
    return newAnnotation(annotationId(input, i), segmentation, {
      ...fields,
      bboxXywh,
      ...(extra && { extra }),
    });
  });
  return withClasses({ image, annotations }, categories);
}

function labelFields({ label, category, score }: MaskLabel): JsonObject {
  return { label, ...(category !== undefined && { category }), text_score: score };
}

/** Annotations with the class of their label, also where they come from the journal. */
function withClasses(record: DatasetRecord, categories: readonly Category[]): DatasetRecord {
  if (categories.length === 0) return record;
  const ids = new Map(categories.map(({ id, name }) => [name, id]));
  const annotations = record.annotations.map((annotation) => {
    const categoryId = ids.get(String(annotation.extra?.label));
    return categoryId === undefined ? annotation : { ...annotation, categoryId };
  });
  return { ...record, annotations };
}

/** Formats with files of their own for each image; of COCO there is one file for all. */
type PerImageFormat = Exclude<OutputFormat, "coco">;

/** Where an image's masks go, relative to the output folder. */
export function outputName({ outputStem }: InputImage, format: PerImageFormat): string {
  return format === "png" ? outputStem : `${outputStem}.json`;
}

/** Name of the COCO file. Parts of a run have their own. */
export function cocoName({ shard }: { readonly shard?: string | undefined }): string {
  return shard ? `annotations-${shard.replace("/", "-of-")}.json` : "annotations.json";
}

/** Name of the image with the masks drawn on it. */
export function pictureName({ outputStem }: InputImage): string {
  return `${outputStem}.png`;
}

/** Name of the folder of an image's cut-outs. */
export function cutoutsName({ outputStem }: InputImage): string {
  return `${outputStem}-cutouts`;
}

/** PNGs lie as Meta's `amg.py` lays them. */
const WRITERS: Readonly<Record<PerImageFormat, DatasetWriter>> = {
  sa1b: sa1bWriter,
  png: createAmgWriter(encodeMaskPng),
};

/**
 * Writes the files of one image's masks; of COCO there are none before the end.
 *
 * @returns their names in the output folder
 */
export async function writeMasks(
  folder: string,
  record: DatasetRecord,
  format: OutputFormat,
  categories: readonly Category[] = [],
): Promise<string[]> {
  if (format === "coco") return [];
  const names: string[] = [];
  const output = createFolderOutput(folder);
  const noting: typeof output = {
    ...output,
    write(name, data) {
      names.push(name);
      return output.write(name, data);
    },
  };
  await WRITERS[format].write(datasetFromRecords([record], { categories }), noting, { images: "none" });
  return names;
}

/** Writes one COCO file of all images. */
export async function writeCoco(
  folder: string,
  fileName: string,
  records: readonly DatasetRecord[],
  categories: readonly Category[] = [],
): Promise<void> {
  const classed = records.map((record) => withClasses(record, categories));
  const dataset = datasetFromRecords(classed, {
    categories,
    info: { description: "Masks by Segany" },
  });
  await cocoWriter.write(dataset, createFolderOutput(folder), { images: "none", fileName });
}
