import { join } from "node:path";
import { DatasetError, throwIfAborted } from "../errors.js";
import { checkFileName, stemOf } from "../formats/file-names.js";
import type { WriteOptions, WriteReport } from "../formats/format.js";
import { createLossCounter } from "../formats/losses.js";
import { sa1bHolds, toSa1b } from "../formats/sa1b.js";
import type { Dataset, DatasetRecord } from "../record.js";
import { isFile, prepareOutputFolder, writeWhole } from "./files.js";
import { readImageFile } from "./image-files.js";
import { createShardWriter, listFinishedShards, type ShardFile } from "./sa1b-shards.js";

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
  const { shardSizeBytes, resume = false, signal } = options;
  if (shardSizeBytes !== undefined && !(shardSizeBytes > 0)) {
    throw new DatasetError(
      "option-invalid",
      `The shard size is ${shardSizeBytes}; it must be a number of bytes above 0.`,
    );
  }
  await prepareOutputFolder(path, resume);
  const target = shardSizeBytes
    ? await shardTarget(path, shardSizeBytes, resume, signal)
    : folderTarget(path, resume, signal);
  try {
    const report = await writeRecords(dataset, target, options);
    await target.finish();
    return report;
  } finally {
    await target.discard();
  }
}

/** Where pairs go. */
interface Sa1bTarget {
  /** Takes a pair that is there already from an earlier run; true when it needn't be made. */
  has(stem: string): Promise<boolean>;
  add(files: readonly ShardFile[]): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

async function writeRecords(
  dataset: Dataset,
  target: Sa1bTarget,
  { signal, onProgress, onProblem, images: imagesOption = "copy" }: Sa1bWriteOptions,
): Promise<WriteReport> {
  const losses = createLossCounter(dataset, sa1bHolds);
  const stems = new Set<string>();
  const totals = { images: 0, annotations: 0, imageFiles: 0, keptFiles: 0 };
  for await (const record of dataset.records({ signal, onProblem })) {
    throwIfAborted(signal);
    const stem = takeStem(record, stems);
    losses.addRecord(record);
    if (await target.has(stem)) totals.keptFiles++;
    else {
      const image = imagesOption === "copy" ? await readImageFile(record.image, onProblem) : undefined;
      const files = filesOf(record, stem, image);
      await target.add(files);
      totals.imageFiles += files.length - 1;
    }
    totals.images++;
    totals.annotations += record.annotations.length;
    onProgress?.({
      images: totals.images,
      annotations: totals.annotations,
      ...(dataset.imageCount !== undefined && { totalImages: dataset.imageCount }),
    });
  }
  return { format: "sa1b", ...totals, losses: losses.list() };
}

function takeStem({ image }: DatasetRecord, stems: Set<string>): string {
  const stem = stemOf(checkFileName(image.fileName, `Image ${image.id}`));
  // Many file systems do not tell upper from lower case.
  const key = stem.toLowerCase();
  if (stems.has(key)) {
    throw new DatasetError(
      "dataset-invalid",
      `Image ${image.id} would be written as "${stem}.json", as another image was; rename one of them.`,
    );
  }
  stems.add(key);
  return stem;
}

/** The image comes first, so that a JSON file stands for a whole pair. */
function filesOf(record: DatasetRecord, stem: string, image: Uint8Array | undefined): ShardFile[] {
  const json: ShardFile = {
    name: `${stem}.json`,
    bytes: new TextEncoder().encode(JSON.stringify(toSa1b(record))),
  };
  return image ? [{ name: record.image.fileName, bytes: image }, json] : [json];
}

function folderTarget(folder: string, resume: boolean, signal: AbortSignal | undefined): Sa1bTarget {
  return {
    has: async (stem) => resume && isFile(join(folder, `${stem}.json`)),
    async add(files) {
      for (const { name, bytes } of files) await writeWhole(join(folder, name), bytes, signal);
    },
    finish: async () => {},
    discard: async () => {},
  };
}

async function shardTarget(
  folder: string,
  shardSizeBytes: number,
  resume: boolean,
  signal: AbortSignal | undefined,
): Promise<Sa1bTarget> {
  const { shards, names } = resume ? await listFinishedShards(folder, signal) : { shards: 0, names: [] };
  const kept = names.filter((name) => name.endsWith(".json")).map(stemOf);
  const writer = createShardWriter(folder, shardSizeBytes, shards);
  let next = 0;
  return {
    async has(stem) {
      if (next >= kept.length) return false;
      const expected = kept[next++]!;
      if (expected === stem) return true;
      throw new DatasetError(
        "output-exists",
        `The finished shards in "${folder}" go on with "${expected}", but the data set with "${stem}"; they are not of this data set and these settings.`,
      );
    },
    add: writer.add,
    async finish() {
      if (next < kept.length) {
        throw new DatasetError(
          "output-exists",
          `The finished shards in "${folder}" hold "${kept[next]}" and more that the data set doesn't have.`,
        );
      }
      await writer.finish();
    },
    discard: writer.discard,
  };
}
