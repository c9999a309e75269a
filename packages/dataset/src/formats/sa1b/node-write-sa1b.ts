import { DatasetError } from "../../errors.js";
import { type OutputFolder, openOutputFolder } from "../../files/output-folder.js";
import type { Dataset } from "../../record.js";
import type { WriteOptions, WriteReport } from "../format.js";
import { openShardOutput } from "./node-shard-output.js";
import { sa1bWriter } from "./write-sa1b.js";

/** Settings of {@link writeSa1b}. */
export interface Sa1bWriteOptions extends WriteOptions {
  /** Write `sa_000000.tar`, … of at most this size instead of single files. */
  readonly shardSizeBytes?: number | undefined;
}

/**
 * Writes a data set as SA-1B is (`sa1bWriter`), as single files or in shards.
 *
 * @throws DatasetError `output-exists`, `dataset-invalid` for two images of one name, `file-unwritable`,
 * `aborted`
 *
 * @example
 * const { images, annotations } = await writeSa1b(dataset, "write-sa1b", { images: "none" });
 * console.log(images, annotations); // 2 3
 */
export async function writeSa1b(
  dataset: Dataset,
  path: string,
  options: Sa1bWriteOptions = {},
): Promise<WriteReport> {
  const { shardSizeBytes, images = "copy" } = options;
  if (shardSizeBytes !== undefined && !(shardSizeBytes > 0)) {
    throw new DatasetError(
      "option-invalid",
      `The shard size is ${shardSizeBytes}; it must be a number of bytes above 0.`,
    );
  }
  const output = await openOutputFolder(path, options, { format: "sa1b", images, shardSizeBytes });
  const report = await (shardSizeBytes === undefined
    ? sa1bWriter.write(dataset, output, options)
    : writeShards(dataset, output, options, shardSizeBytes));
  await output.finish();
  return report;
}

async function writeShards(
  dataset: Dataset,
  output: OutputFolder,
  { resume = false, ...options }: Sa1bWriteOptions,
  shardSizeBytes: number,
): Promise<WriteReport> {
  const { signal } = options;
  const shards = await openShardOutput(output.path, { shardSizeBytes, resume, signal });
  try {
    const report = await sa1bWriter.write(dataset, { ...output, write: shards.write }, options);
    await shards.finish();
    return report;
  } finally {
    await shards.discard();
  }
}
