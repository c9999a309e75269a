import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type AtomicFile, createAtomicFile } from "@segany/runtime/files";
import { type Pack, pack } from "tar-stream";
import { DatasetError } from "../../errors.js";
import { unreadable, writing } from "../../files/files.js";
import { readTarEntries, type TarEntry } from "./node-tar-entries.js";

/** A file to be put into a shard. */
export interface ShardFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes shards one after the other. */
export interface ShardWriter {
  /**
   * Puts files into the present shard, or into a new one where it would grow too large; they are never
   * parted.
   */
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
 * Begins writing shards `sa_000000.tar`, … into a folder. A shard has its name only once it is whole; the
 * same files in the same order give the same bytes.
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
      shard ??= await openShard(join(folder, shardName(index++)));
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

async function openShard(target: string): Promise<OpenShard> {
  const file = await writing(target, () => createAtomicFile(target));
  const tar = pack();
  const written = appendAll(file, tar as unknown as AsyncIterable<Uint8Array>);
  // A failure shows in whichever call waits for it.
  const failed = written.then(() => new Promise<never>(() => {}));
  failed.catch(() => {});
  let sizeBytes = endBytes;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    async add(entry) {
      sizeBytes += tarBytesOf(entry.bytes.length);
      await writing(target, () => Promise.race([addEntry(tar, entry), failed]));
    },
    finish: () =>
      writing(target, async () => {
        tar.finalize();
        await written;
        await file.finish();
      }),
    async discard() {
      tar.destroy();
      await written.catch(() => {});
      await file.discard();
    },
  };
}

async function appendAll(file: AtomicFile, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await file.append(chunk);
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

/** A file in a finished shard. */
export interface ShardEntry extends TarEntry {
  /** Path of the shard. */
  readonly shard: string;
}

/**
 * The files in the finished shards of a folder, from the first shard on to the first that is missing.
 *
 * @throws DatasetError `output-exists` for shards after a missing one, `tar-invalid`, `file-unreadable`,
 * `aborted`
 */
export async function listFinishedShards(
  folder: string,
  signal?: AbortSignal | undefined,
): Promise<{ shards: number; entries: ShardEntry[] }> {
  const found = await readdir(folder).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const present = new Set(found);
  const entries: ShardEntry[] = [];
  let shards = 0;
  while (present.delete(shardName(shards))) {
    const shard = join(folder, shardName(shards));
    for await (const entry of readTarEntries(shard, { signal })) entries.push({ ...entry, shard });
    shards++;
  }
  const stray = [...present].find((name) => /^sa_\d+\.tar$/.test(name));
  if (stray === undefined) return { shards, entries };
  throw new DatasetError(
    "output-exists",
    `"${folder}" has "${stray}", but no "${shardName(shards)}"; it is not the begun output of one run.`,
  );
}
