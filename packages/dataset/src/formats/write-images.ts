import { rleArea } from "@segany/masks";
import { stemOf } from "../names/file-names.js";
import { createOutputNames, type RenamedFile } from "../names/output-names.js";
import type { DatasetOutput } from "../output.js";
import { type Dataset, type DatasetImage, type DatasetRecord, hasMask } from "../record.js";
import { type OnProblem, setAside } from "../set-aside.js";
import type { WriteOptions, WriteReport } from "./format.js";
import type { LossCounter } from "./losses.js";

/** How a format keeps image files. */
export interface ImageLayout {
  /** The folder of image files in the output; "" for the output itself. */
  readonly imageFolder: string;
  /** Whether files of masks have the images' names without their extension, so that these must differ too. */
  readonly byStem: boolean;
  /** Which names the format's own files have in the folder of images. */
  isOurs?(name: string): boolean;
}

/** A record on its way into an output. */
export interface PlacedRecord {
  /** With the name of its image as it is written; as it was where the image isn't written. */
  readonly record: DatasetRecord;
  /** What files of its masks are called: a name that every system takes, without an extension. */
  readonly stem: string;
  readonly outcome: ImageOutcome;
}

/** What became of an image file: written, already there and kept, or there is none to write. */
export type ImageOutcome = "written" | "kept" | "missing";

/** Writes image files, under names that every file system takes, and leaves out masks without a pixel. */
export interface ImageWriter {
  /**
   * @throws DatasetError `name-unsafe`, `dataset-invalid` for two images of one name, `file-unwritable`,
   * `aborted`
   */
  place(source: DatasetRecord): Promise<PlacedRecord>;
  readonly renamed: readonly RenamedFile[];
  readonly missing: WriteReport["missingImages"];
}

/** Of files that are missing, so many are named. */
const maxMissingNames = 1000;

/** Begins writing the image files of a data set. */
export function createImageWriter(
  output: DatasetOutput,
  { imageFolder, byStem, isOurs }: ImageLayout,
  losses: LossCounter,
  { images = "copy", onProblem }: Pick<WriteOptions, "images" | "onProblem">,
): ImageWriter {
  const names = createOutputNames({ byStem, isOurs });
  const write = async (image: DatasetImage): Promise<ImageOutcome> => {
    const bytes = await readImageFile(image, onProblem);
    if (!bytes) return "missing";
    return output.write(imageFolder === "" ? image.fileName : `${imageFolder}/${image.fileName}`, bytes);
  };
  const missing = { count: 0, names: [] as string[] };
  return {
    renamed: names.renamed,
    missing,
    async place(given) {
      const source = withoutEmptyMasks(given, losses);
      const { image } = source;
      if (images === "copy" && image.open === undefined) {
        missing.count++;
        if (missing.names.length < maxMissingNames) missing.names.push(image.fileName);
      }
      const isWritten = images === "copy" && image.open !== undefined;
      // A name that is only told, and by which no file of ours is called, may be any.
      if (!isWritten && !byStem) return { record: source, stem: "", outcome: "missing" };
      const fileName = names.take(image.fileName, `Image ${image.id}`);
      if (fileName !== image.fileName) losses.add("fileNames", 1);
      const stem = stemOf(fileName);
      if (!isWritten) return { record: source, stem, outcome: "missing" };
      const record = fileName === image.fileName ? source : { ...source, image: { ...image, fileName } };
      return { record, stem, outcome: await write(record.image) };
    },
  };
}

/** A mask without a pixel is no object, has no box, and tools stumble over it. */
function withoutEmptyMasks(record: DatasetRecord, losses: LossCounter): DatasetRecord {
  const annotations = record.annotations.filter(
    (annotation) => !hasMask(annotation) || rleArea(annotation.segmentation) > 0,
  );
  const left = record.annotations.length - annotations.length;
  losses.add("emptyMasks", left);
  return left === 0 ? record : { ...record, annotations };
}

/** Undefined where there is no file, or it can't be read and somebody takes the problem. */
async function readImageFile(
  { open, fileName }: DatasetImage,
  onProblem: OnProblem | undefined,
): Promise<Uint8Array | undefined> {
  return open?.().catch((error: unknown) => setAside(error, `The image "${fileName}"`, onProblem));
}

/** Counts what is written, and tells how far writing has come. */
export interface WriteCounter {
  addFile(outcome: "written" | "kept"): void;
  /** Counts a record whose masks are written. */
  addRecord(placed: PlacedRecord): void;
  report(losses: LossCounter, images: ImageWriter): WriteReport;
}

/** Begins counting. */
export function createWriteCounter(
  format: string,
  { imageCount }: Dataset,
  { onProgress }: Pick<WriteOptions, "onProgress">,
): WriteCounter {
  const totals = { images: 0, annotations: 0, imageFiles: 0, keptFiles: 0 };
  const addFile = (outcome: "written" | "kept"): void => {
    if (outcome === "kept") totals.keptFiles++;
  };
  return {
    addFile,
    addRecord({ record, outcome }) {
      if (outcome === "written") totals.imageFiles++;
      if (outcome !== "missing") addFile(outcome);
      totals.images++;
      totals.annotations += record.annotations.length;
      const { images, annotations } = totals;
      onProgress?.({ images, annotations, ...(imageCount !== undefined && { totalImages: imageCount }) });
    },
    report: (losses, { renamed, missing }) => ({
      format,
      ...totals,
      losses: losses.list(),
      missingImages: missing,
      renamed,
    }),
  };
}
