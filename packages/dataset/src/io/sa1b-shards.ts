import { createWriteStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { DatasetError } from "../errors.js";
import { unreadable, unwritable } from "./files.js";
import { readTarEntries } from "./tar-entries.js";

/** A file to be put into a shard. */
export interface ShardFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes shards one after the other. */
export interface ShardWriter {
  /** Puts files into the present shard, or into a new one where it would grow too large; they are never parted. */
  add(files: readonly ShardFile[]): Promise<void>;
  /** Ends the last shard. */
  finish(): Promise<void>;
  /** Removes the unfinished shard; finished ones stay. Never fails. */
  discard(): Promise<void>;
}

const blockBytes = 512;
/** A tar ends with two empty blocks. */
const endBytes = 2 * blockBytes;

/** The name of a shard, as Meta's are called. */
export function shardName(index: number): string {
  return `sa_${String(index).padStart(6, "0")}.tar`;
}

/**
 * Begins writing shards `sa_000000.tar`, … into a folder. A shard has its name only once it is whole; the same files in the same
 * order give the same bytes.
 *
 * @param shardSizeBytes a shard holds no more than this, unless a single image and its masks do
 * @param firstIndex the number of the first shard to write
 */
export function createShardWriter(folder: string, shardSizeBytes: number, firstIndex = 0): ShardWriter {
  let index = firstIndex;
  let shard: OpenShard | undefined;
  const finishShard = async (): Promise<void> => {
    await shard?.finish();
    shard = undefined;
  };
  return {
    async add(files) {
      const added = files.reduce((sum, { bytes }) => sum + tarBytesOf(bytes.length), 0);
      if (shard && shard.sizeBytes + added > shardSizeBytes) await finishShard();
      shard ??= openShard(join(folder, shardName(index++)));
      for (const file of files) await shard.add(file);
    },
    finish: finishShard,
    async discard() {
      await shard?.discard();
      shard = undefined;
    },
  };
}

function tarBytesOf(fileBytes: number): number {
  return blockBytes + Math.ceil(fileBytes / blockBytes) * blockBytes;
}

interface OpenShard {
  readonly sizeBytes: number;
  add(file: ShardFile): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

function openShard(target: string): OpenShard {
  const temporaryPath = `${target}.part`;
  const tar = pack();
  const written = pipeline(tar as unknown as NodeJS.ReadableStream, createWriteStream(temporaryPath));
  // A failure shows in whichever call waits for it.
  const failed = written.then(
    () => new Promise<never>(() => {}),
    (cause: unknown) => {
      throw unwritable(target, cause);
    },
  );
  failed.catch(() => {});
  let sizeBytes = endBytes;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    async add(file) {
      sizeBytes += tarBytesOf(file.bytes.length);
      await Promise.race([addEntry(tar, file), failed]);
    },
    async finish() {
      tar.finalize();
      await written.catch((cause: unknown) => {
        throw unwritable(target, cause);
      });
      await rename(temporaryPath, target);
    },
    async discard() {
      tar.destroy();
      await written.catch(() => {});
      await rm(temporaryPath, { force: true }).catch(() => {});
    },
  };
}

function addEntry(tar: Pack, { name, bytes }: ShardFile): Promise<void> {
  return new Promise((resolve, reject) => {
    // No time of writing: equal content gives equal shards.
    tar.entry(
      { name, mtime: new Date(0), mode: 0o644 },
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      (error) => (error ? reject(error) : resolve()),
    );
  });
}

/**
 * The files in the finished shards of a folder, from the first shard on to the first that is missing.
 *
 * @throws DatasetError `tar-invalid`, `file-unreadable`, `aborted`
 */
export async function listFinishedShards(
  folder: string,
  signal?: AbortSignal | undefined,
): Promise<{ shards: number; names: string[] }> {
  const found = await readdir(folder).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const present = new Set(found);
  const names: string[] = [];
  let shards = 0;
  while (present.delete(shardName(shards))) {
    for await (const entry of readTarEntries(join(folder, shardName(shards)), { signal }))
      names.push(entry.name);
    shards++;
  }
  const stray = [...present].find((name) => /^sa_\d+\.tar$/.test(name));
  if (stray === undefined) return { shards, names };
  throw new DatasetError(
    "output-exists",
    `"${folder}" has "${stray}", but no "${shardName(shards)}"; it is not the begun output of one run.`,
  );
}
