import type { DatasetFormat, WriteOptions, WriteReport } from "../formats/format.js";
import { findFormat } from "../formats/node-registry.js";
import type { Sa1bWriteOptions } from "../formats/sa1b/node-write-sa1b.js";
import type { Dataset } from "../record.js";

/** Settings of {@link convert}: those of all writers and of each format, which the others don't look at. */
export interface ConvertOptions extends WriteOptions, Pick<Sa1bWriteOptions, "shardSizeBytes"> {}

/**
 * Writes a data set in another format and says what that format could not hold.
 *
 * ```ts
 * const report = await convert(await openDataset("coco"), "sa1b", "shards", { shardSizeBytes: 1e10 });
 * for (const { what, count } of report.losses) console.log(`${count} x ${what} not written`);
 * ```
 *
 * @param format its name or the format itself
 * @throws DatasetError `format-unknown`, `output-exists`, `file-unwritable`, `aborted` and whatever reading
 * the data set throws
 *
 * @example
 * const { annotations } = await convert(dataset, "yolo", "pears-yolo", { images: "none" });
 * console.log(annotations); // 3
 */
export async function convert(
  dataset: Dataset,
  format: string | DatasetFormat,
  path: string,
  options: ConvertOptions = {},
): Promise<WriteReport> {
  const target = typeof format === "string" ? findFormat(format) : format;
  return target.write(dataset, path, options);
}
