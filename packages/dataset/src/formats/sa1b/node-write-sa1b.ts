import { DatasetError, throwIfAborted } from "../../errors.js";
import { readBytes } from "../../files/files.js";
import { type OutputFolder, openOutputFolder } from "../../files/output-folder.js";
import { stemOf } from "../../names/file-names.js";
import { createOutputNames } from "../../names/output-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import type { WriteOptions, WriteReport } from "../format.js";
import { createLossCounter } from "../losses.js";
import { readImageFile, withOutputName } from "../node-image-files.js";
import {
  createShardWriter,
  listFinishedShards,
  type ShardEntry,
  type ShardFile,
} from "./node-sa1b-shards.js";
import { sa1bHolds, toSa1b } from "./sa1b.js";

/** Settings of {@link writeSa1b}. */
export interface Sa1bWriteOptions extends WriteOptions {
  /** Write `sa_000000.tar`, … of at most this size instead of single files. */
  readonly shardSizeBytes?: number | undefined;
}

/**
 * Writes a data set as SA-1B does: for each image a JSON file with its masks, and the image beside it, as single files or in shards.
 * One image is in memory at a time.
 *
 * @throws DatasetError `output-exists`, `dataset-invalid` for two images of one name, `file-unwritable`, `aborted`
 */
export async function writeSa1b(
  dataset: Dataset,
  path: string,
  options: Sa1bWriteOptions = {},
): Promise<WriteReport> {
  const { shardSizeBytes, images = "copy", resume = false, signal } = options;
  if (shardSizeBytes !== undefined && !(shardSizeBytes > 0)) {
    throw new DatasetError(
      "option-invalid",
      `The shard size is ${shardSizeBytes}; it must be a number of bytes above 0.`,
    );
  }
  const output = await openOutputFolder(path, options, { format: "sa1b", images, shardSizeBytes });
  const target = shardSizeBytes
    ? await shardTarget(path, shardSizeBytes, resume, signal)
    : folderTarget(output);
  try {
    const report = await writeRecords(dataset, target, options);
    await target.finish();
    await output.finish();
    return report;
  } finally {
    await target.discard();
  }
}

/** Where pairs go. */
interface Sa1bTarget {
  /** Adds the files of a pair; "kept" when all of them are there already from an earlier run. */
  add(files: readonly ShardFile[]): Promise<"written" | "kept">;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

async function writeRecords(
  dataset: Dataset,
  target: Sa1bTarget,
  { signal, onProgress, onProblem, images: imagesOption = "copy" }: Sa1bWriteOptions,
): Promise<WriteReport> {
  const losses = createLossCounter(dataset, sa1bHolds);
  const names = createOutputNames({ byStem: true, isOurs: (name) => /\.(json|tar)$/i.test(name) });
  const totals = { images: 0, annotations: 0, imageFiles: 0, keptFiles: 0 };
  for await (const source of dataset.records({ signal, onProblem })) {
    throwIfAborted(signal);
    const record = withOutputName(source, names, losses);
    const stem = stemOf(record.image.fileName);
    losses.addRecord(record);
    const image = imagesOption === "copy" ? await readImageFile(record.image, onProblem) : undefined;
    const files = filesOf(record, stem, image);
    if ((await target.add(files)) === "kept") totals.keptFiles++;
    else totals.imageFiles += files.length - 1;
    totals.images++;
    totals.annotations += record.annotations.length;
    onProgress?.({
      images: totals.images,
      annotations: totals.annotations,
      ...(dataset.imageCount !== undefined && { totalImages: dataset.imageCount }),
    });
  }
  return { format: "sa1b", ...totals, losses: losses.list(), renamed: names.renamed };
}

/** The image comes first, so that a JSON file stands for a whole pair. */
function filesOf(record: DatasetRecord, stem: string, image: Uint8Array | undefined): ShardFile[] {
  const json: ShardFile = {
    name: `${stem}.json`,
    bytes: new TextEncoder().encode(JSON.stringify(toSa1b(record))),
  };
  return image ? [{ name: record.image.fileName, bytes: image }, json] : [json];
}

function folderTarget(output: OutputFolder): Sa1bTarget {
  return {
    async add(files) {
      let outcome: "written" | "kept" = "kept";
      for (const { name, bytes } of files) {
        if ((await output.write(name, bytes)) === "written") outcome = "written";
      }
      return outcome;
    },
    finish: async () => {},
    discard: async () => {},
  };
}

/** Finished shards are kept: what they hold must be what would be written. */
async function shardTarget(
  folder: string,
  shardSizeBytes: number,
  resume: boolean,
  signal: AbortSignal | undefined,
): Promise<Sa1bTarget> {
  const { shards, entries } = resume ? await listFinishedShards(folder, signal) : { shards: 0, entries: [] };
  const writer = createShardWriter(folder, shardSizeBytes, shards);
  let next = 0;
  return {
    async add(files) {
      if (next >= entries.length) {
        await writer.add(files);
        return "written";
      }
      for (const file of files) await checkEntry(entries[next++], file, folder);
      return "kept";
    },
    async finish() {
      if (next < entries.length) throw otherShards(folder, `hold "${entries[next]!.name}" and more`);
      await writer.finish();
    },
    discard: writer.discard,
  };
}

async function checkEntry(
  entry: ShardEntry | undefined,
  { name, bytes }: ShardFile,
  folder: string,
): Promise<void> {
  if (entry?.name !== name) throw otherShards(folder, `go on with "${entry?.name}" in place of "${name}"`);
  const isSame =
    entry.sizeBytes === bytes.length && Buffer.compare(await readBytes(entry.shard, entry), bytes) === 0;
  if (isSame) return;
  throw new DatasetError(
    "output-exists",
    `"${entry.shard}" holds another "${name}" than would be written; remove that shard and those after it, and go on again.`,
  );
}

function otherShards(folder: string, difference: string): DatasetError {
  return new DatasetError(
    "output-exists",
    `The finished shards in "${folder}" ${difference}; they are not of this data set and these settings.`,
  );
}
