/** What writers of formats with one file for all images have in common. */
import { throwIfAborted } from "../errors.js";
import { type Dataset, type DatasetRecord, type MaskRecord, withMasksAlone } from "../record.js";
import type { Feature } from "./features.js";
import type { DatasetWriter } from "./format.js";
import { createLossCounter, type LossCounter } from "./losses.js";
import { createImageWriter, createWriteCounter } from "./write-images.js";
import type { OutputFile } from "./write-per-image.js";

/** How a format puts a data set into one file. */
export interface OneFileLayout<Taken extends DatasetRecord> {
  readonly holds: ReadonlySet<Feature>;
  /** The folder of image files in the output. */
  readonly imageFolder: string;
  /** Whether files of masks have the images' names without their extension, so that these must differ too. */
  readonly byStem?: boolean;
  /** The file for all images. */
  readonly fileName: string;
  readonly begin: string;
  /** What an image adds to the file; counts what it cannot hold. */
  entryOf(record: Taken, place: EntryPlace, losses: LossCounter): string;
  /** Further files of an image, made before its entry. */
  filesOf?(record: Taken, place: EntryPlace, losses: LossCounter): Iterable<OutputFile>;
  end(): string;
}

/** Where an entry stands. */
export interface EntryPlace {
  /** From 0. */
  readonly index: number;
  /** What files of the image's masks are called, without an extension, where the layout is `byStem`. */
  readonly stem: string;
}

/** Makes a writer of a format that holds boxes without masks. */
export function oneFileBoxWriter(
  format: string,
  layoutOf: (dataset: Dataset) => OneFileLayout<DatasetRecord>,
): DatasetWriter {
  return oneFileWriterOf(format, layoutOf, (record) => record);
}

/** Makes a writer of a format of masks; boxes without a mask are left out and counted. */
export function oneFileWriter(
  format: string,
  layoutOf: (dataset: Dataset) => OneFileLayout<MaskRecord>,
): DatasetWriter {
  return oneFileWriterOf(format, layoutOf, withMasksAlone);
}

function oneFileWriterOf<Taken extends DatasetRecord>(
  format: string,
  layoutOf: (dataset: Dataset) => OneFileLayout<Taken>,
  take: (record: DatasetRecord) => Taken,
): DatasetWriter {
  return {
    format,
    async write(dataset, output, options = {}) {
      const { signal, onProblem, onLoss } = options;
      const layout = layoutOf(dataset);
      const losses = createLossCounter(dataset, layout.holds);
      const { imageFolder, byStem = false } = layout;
      const images = createImageWriter(output, { imageFolder, byStem }, losses, options);
      const counter = createWriteCounter(format, dataset, options);
      const file = await output.open(layout.fileName);
      try {
        await file.append(layout.begin);
        let index = 0;
        for await (const source of dataset.records({ signal, onProblem, onLoss })) {
          throwIfAborted(signal);
          const placed = await images.place(source);
          const record = take(placed.record);
          losses.add("bareBoxes", placed.record.annotations.length - record.annotations.length);
          losses.addRecord(record);
          const place = { index: index++, stem: placed.stem };
          for (const { name, data } of layout.filesOf?.(record, place, losses) ?? [])
            counter.addFile(await output.write(name, data));
          await file.append(layout.entryOf(record, place, losses));
          counter.addRecord({ ...placed, record });
        }
        await file.append(layout.end());
        counter.addFile(await file.finish());
      } finally {
        await file.discard();
      }
      return counter.report(losses, images);
    },
  };
}
