import type { ReadOptions } from "../formats/format.js";
import { detectFormat, findReadableFormat } from "../formats/node-registry.js";
import { withRecordsAsSeen } from "../orientation/as-seen.js";
import { turnedSizeOf } from "../orientation/node-image-orientation.js";
import type { Dataset } from "../record.js";

/** Settings of {@link openDataset}. */
export interface OpenOptions extends ReadOptions {
  /** The format's name; found out from what lies at the path when absent. */
  readonly format?: string | undefined;
}

/**
 * Opens a data set of any format. Sizes, masks and boxes are those of the images as they are seen: where EXIF
 * turns an image and the set has them as its pixels are stored, they are turned too (told as `storedSizes`).
 *
 * @throws DatasetError `format-unknown`, `dataset-not-found` and whatever damaged content leads to
 *
 * @example
 * await convert(dataset, "coco", "pears-coco", { images: "none" });
 * const names: string[] = [];
 * const opened = await openDataset("pears-coco");
 * for await (const record of opened.records()) names.push(record.image.fileName);
 * console.log(names); // [ 'a.jpg', 'b.jpg' ]
 */
export async function openDataset(path: string, { format, ...options }: OpenOptions = {}): Promise<Dataset> {
  const found = format === undefined ? await detectFormat(path) : findReadableFormat(format);
  return withRecordsAsSeen(await found.read(path, options), turnedSizeOf);
}
