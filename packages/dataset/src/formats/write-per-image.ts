/** What writers of formats with a file of masks for each image have in common. */
import { throwIfAborted } from "../errors.js";
import type { DatasetOutput } from "../output.js";
import { type Dataset, type DatasetRecord, type MaskRecord, withMasksAlone } from "../record.js";
import type { Feature } from "./features.js";
import type { DatasetWriter, WriteOptions, WriteReport } from "./format.js";
import { createLossCounter, type LossCounter } from "./losses.js";
import { createImageWriter, createWriteCounter } from "./write-images.js";

/** One file to write. */
export interface OutputFile {
  /** Relative to the output. */
  readonly name: string;
  readonly data: Uint8Array | string;
}

/**
 * How a format lays the files of a data set; those that don't hold `bareBoxes` get records of masks alone.
 */
export interface PerImageLayout<Taken extends DatasetRecord = MaskRecord> {
  readonly holds: ReadonlySet<Feature>;
  /** The folder of image files in the output; "" for the output itself. */
  readonly imageFolder: string;
  /** Which names the format's own files have in the folder of images. */
  isOurs?(name: string): boolean;
  /** Makes the files of one image's masks and counts what they cannot hold. */
  filesOf(record: Taken, stem: string, losses: LossCounter): AsyncIterable<OutputFile> | Iterable<OutputFile>;
  /** Files that are made when all images are done. */
  closingFiles?(stems: readonly string[]): Iterable<OutputFile>;
}

/** Makes a writer of how a format of masks lays its files; boxes without a mask are left out and counted. */
export function perImageWriter(
  format: string,
  layoutOf: (dataset: Dataset) => PerImageLayout,
): DatasetWriter {
  return {
    format,
    write: (dataset, output, options = {}) =>
      writePerImage(format, dataset, layoutOf(dataset), withMasksAlone, output, options),
  };
}

/** The same for a format that holds boxes without masks. */
export function perImageBoxWriter(
  format: string,
  layoutOf: (dataset: Dataset) => PerImageLayout<DatasetRecord>,
): DatasetWriter {
  return {
    format,
    write: (dataset, output, options = {}) =>
      writePerImage(format, dataset, layoutOf(dataset), (record) => record, output, options),
  };
}

async function writePerImage<Taken extends DatasetRecord>(
  format: string,
  dataset: Dataset,
  layout: PerImageLayout<Taken>,
  take: (record: DatasetRecord) => Taken,
  output: DatasetOutput,
  options: WriteOptions,
): Promise<WriteReport> {
  const { signal, onProblem, onLoss } = options;
  const losses = createLossCounter(dataset, layout.holds);
  const images = createImageWriter(output, { ...layout, byStem: true }, losses, options);
  const counter = createWriteCounter(format, dataset, options);
  const stems: string[] = [];
  for await (const source of dataset.records({ signal, onProblem, onLoss })) {
    throwIfAborted(signal);
    const placed = await images.place(source);
    stems.push(placed.stem);
    const record = take(placed.record);
    losses.add("bareBoxes", placed.record.annotations.length - record.annotations.length);
    for await (const { name, data } of layout.filesOf(record, placed.stem, losses))
      counter.addFile(await output.write(name, data));
    counter.addRecord({ ...placed, record });
  }
  for (const { name, data } of layout.closingFiles?.(stems) ?? [])
    counter.addFile(await output.write(name, data));
  return counter.report(losses, images);
}
