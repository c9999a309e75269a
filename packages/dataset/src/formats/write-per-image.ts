/** What writers of formats with a file of masks for each image have in common. */
import { throwIfAborted } from "../errors.js";
import type { DatasetOutput } from "../output.js";
import type { Dataset, DatasetRecord } from "../record.js";
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

/** How a format lays the files of a data set. */
export interface PerImageLayout {
  readonly holds: ReadonlySet<Feature>;
  /** The folder of image files in the output; "" for the output itself. */
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
  closingFiles?(stems: readonly string[]): Iterable<OutputFile>;
}

/** Makes a writer of how a format lays its files. */
export function perImageWriter(
  format: string,
  layoutOf: (dataset: Dataset) => PerImageLayout,
): DatasetWriter {
  return {
    format,
    write: (dataset, output, options = {}) =>
      writePerImage(format, dataset, layoutOf(dataset), output, options),
  };
}

async function writePerImage(
  format: string,
  dataset: Dataset,
  layout: PerImageLayout,
  output: DatasetOutput,
  options: WriteOptions,
): Promise<WriteReport> {
  const { signal, onProblem } = options;
  const losses = createLossCounter(dataset, layout.holds);
  const images = createImageWriter(output, { ...layout, byStem: true }, losses, options);
  const counter = createWriteCounter(format, dataset, options);
  const stems: string[] = [];
  for await (const source of dataset.records({ signal, onProblem })) {
    throwIfAborted(signal);
    const placed = await images.place(source);
    stems.push(placed.stem);
    for await (const { name, data } of layout.filesOf(placed.record, placed.stem, losses))
      counter.addFile(await output.write(name, data));
    counter.addRecord(placed);
  }
  for (const { name, data } of layout.closingFiles?.(stems) ?? [])
    counter.addFile(await output.write(name, data));
  return counter.report(losses, images);
}
