import { throwIfAborted } from "../../errors.js";
import type { DatasetWriter, WriteOptions } from "../format.js";
import { createLossCounter } from "../losses.js";
import { partFileName } from "../part-file-name.js";
import { createImageWriter, createWriteCounter } from "../write-images.js";
import { type CocoDialect, cocoDialect } from "./coco-dialect.js";
import { openCocoFile } from "./coco-file.js";

/** Settings of `cocoWriter`. */
export interface CocoWriteOptions extends WriteOptions {
  /**
   * The annotation file's name; by default "annotations/instances_train.json" of a part "train", and
   * "annotations/instances_default.json" of a whole set.
   */
  readonly fileName?: string | undefined;
}

/**
 * COCO: `annotations/instances_PART.json`, and the image files in `images/`, as CVAT and Datumaro lay
 * them. Nothing but one image and its masks is held in memory. A number that is there twice gets the next
 * free one. COCO's tools want a class for every mask, so masks without one get the class "object", which is
 * added where it isn't there.
 */
export const cocoWriter: DatasetWriter<CocoWriteOptions> = cocoWriterOf(cocoDialect);

/** The writer of COCO or of a relative of it. */
export function cocoWriterOf(dialect: CocoDialect): DatasetWriter<CocoWriteOptions> {
  const { format, holds, filePrefix } = dialect;
  return {
    format,
    async write(dataset, output, { fileName = partFileName(filePrefix, dataset), ...options } = {}) {
      const { signal, onProblem } = options;
      const losses = createLossCounter(dataset, holds);
      const images = createImageWriter(output, { imageFolder: "images", byStem: false }, losses, options);
      const counter = createWriteCounter(format, dataset, options);
      const file = await openCocoFile(output, fileName, dataset, dialect, losses);
      try {
        for await (const source of dataset.records({ signal, onProblem })) {
          throwIfAborted(signal);
          const placed = await images.place(source);
          losses.addRecord(placed.record);
          await file.add(placed.record);
          counter.addRecord(placed);
        }
        counter.addFile(await file.finish());
      } finally {
        await file.discard();
      }
      return counter.report(losses, images);
    },
  };
}
