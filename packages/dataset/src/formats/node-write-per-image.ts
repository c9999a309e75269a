/** What writers of formats with a file of masks for each image have in common. */
import { throwIfAborted } from "../errors.js";
import { openOutputFolder } from "../files/output-folder.js";
import { stemOf } from "../names/file-names.js";
import { createOutputNames } from "../names/output-names.js";
import type { Dataset, DatasetRecord } from "../record.js";
import type { Feature } from "./features.js";
import type { WriteOptions, WriteReport } from "./format.js";
import { createLossCounter, type LossCounter } from "./losses.js";
import { createImageFileWriter, withOutputName } from "./node-image-files.js";

/** One file to write. */
export interface OutputFile {
  /** Relative to the output folder. */
  readonly name: string;
  readonly data: Uint8Array | string;
}

/** How a format lays its files. */
export interface PerImageLayout {
  readonly format: string;
  readonly holds: ReadonlySet<Feature>;
  /** The folder of image files in the output folder; "" for the output folder itself. */
  readonly imageFolder: string;
  /** Which names the format's own files have in the folder of images. */
  isOurs?(name: string): boolean;
  /** Makes the files of one image's masks and counts what they cannot hold. */
  filesOf(
    record: DatasetRecord,
    stem: string,
    losses: LossCounter,
  ): AsyncIterable<OutputFile> | Iterable<OutputFile>;
  /** Files that are made when all images are done. */
  closingFiles?(fileNames: readonly string[]): Iterable<OutputFile>;
}

/** Writes a data set with a file of masks for each image. Throws what `DatasetFormat.write` does. */
export async function writePerImage(
  dataset: Dataset,
  path: string,
  layout: PerImageLayout,
  options: WriteOptions = {},
): Promise<WriteReport> {
  const { signal, images: which = "copy", onProgress, onProblem } = options;
  const losses = createLossCounter(dataset, layout.holds);
  const output = await openOutputFolder(path, options, { format: layout.format, images: which });
  const images = createImageFileWriter(output, layout.imageFolder, options);
  const names = createOutputNames({ byStem: true, isOurs: layout.isOurs });
  const fileNames: string[] = [];
  const report = { images: 0, annotations: 0, imageFiles: 0, keptFiles: 0 };
  for await (const source of dataset.records({ signal, onProblem })) {
    throwIfAborted(signal);
    const record = withOutputName(source, names, losses);
    const { image, annotations } = record;
    const stem = stemOf(image.fileName);
    fileNames.push(image.fileName);
    const outcome = await images.write(image);
    if (outcome !== "missing") report.imageFiles++;
    if (outcome === "kept") report.keptFiles++;
    for await (const { name, data } of layout.filesOf(record, stem, losses)) {
      if ((await output.write(name, data)) === "kept") report.keptFiles++;
    }
    report.images++;
    report.annotations += annotations.length;
    const { imageCount: totalImages } = dataset;
    onProgress?.({
      images: report.images,
      annotations: report.annotations,
      ...(totalImages !== undefined && { totalImages }),
    });
  }
  for (const { name, data } of layout.closingFiles?.(fileNames) ?? []) await output.write(name, data);
  await output.finish();
  return { format: layout.format, ...report, losses: losses.list(), renamed: names.renamed };
}
