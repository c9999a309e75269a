import { DatasetError } from "../../errors.js";
import { readBytes } from "../../files/files.js";
import type { DatasetOutput } from "../../output.js";
import {
  createShardWriter,
  listFinishedShards,
  type ShardEntry,
  type ShardFile,
} from "./node-sa1b-shards.js";

/** Shards that are being written. */
export interface ShardOutput extends Pick<DatasetOutput, "write"> {
  /** Ends the last shard. */
  finish(): Promise<void>;
  /** Removes the unfinished shard; finished ones stay. Never fails. */
  discard(): Promise<void>;
}

/** How shards are written. */
export interface ShardOptions {
  readonly shardSizeBytes: number;
  /** Go on after the shards that are finished: what they hold must be what would be written. */
  readonly resume: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Begins writing files into shards of a folder. A JSON file ends a pair, and what belongs to a pair is never
 * parted.
 */
export async function openShardOutput(
  folder: string,
  { shardSizeBytes, resume, signal }: ShardOptions,
): Promise<ShardOutput> {
  const { shards, entries } = resume ? await listFinishedShards(folder, signal) : { shards: 0, entries: [] };
  const writer = createShardWriter(folder, shardSizeBytes, shards);
  let pair: ShardFile[] = [];
  let next = 0;
  return {
    async write(name, data) {
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
      if (next < entries.length) {
        await checkEntry(entries[next++], { name, bytes }, folder);
        return "kept";
      }
      pair.push({ name, bytes });
      if (name.endsWith(".json")) {
        await writer.add(pair);
        pair = [];
      }
      return "written";
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
