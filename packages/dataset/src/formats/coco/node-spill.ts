import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { unreadable, unwritable } from "../../files/files.js";

/** The bytes of a mask on their way to the other masks of its image. */
export interface SpilledEntry {
  /** Which image, counted from 0. */
  readonly place: number;
  readonly isRegion: boolean;
  /** Which entry of the file. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Sorts masks by image through temporary files. */
export interface Spill {
  /** Copies the entry; to be followed by `flush` before long. */
  add(entry: SpilledEntry): void;
  /** Writes down what has come together. */
  flush(): Promise<void>;
  /** The entries of each image in turn; each in the order it was added. */
  read(): AsyncIterable<readonly SpilledEntry[]>;
  /** Removes the temporary files. Never fails. */
  remove(): Promise<void>;
}

const bucketBytes = 2 ** 25;
const maxBucketBytes = 2 ** 30;
/** What all buckets together hold in memory before they are written. */
const heldBytes = 2 ** 26;
const headerBytes = 12;

/**
 * Makes temporary files for sorting, in the system's temporary folder. Each takes a range of neighbouring
 * images, so that reading one back needs little memory.
 *
 * @param places how many images there are
 * @param totalBytes of all entries
 * @throws DatasetError `file-unwritable` here and in `flush`, `dataset-too-large` in `read` when a few images
 * have far too much
 */
export async function createSpill(places: number, totalBytes: number): Promise<Spill> {
  const bucketCount = Math.max(1, Math.min(places, Math.ceil(totalBytes / bucketBytes)));
  const perBucket = Math.ceil(places / bucketCount);
  const flushBytes = Math.min(2 ** 18, heldBytes / bucketCount);
  const folder = await mkdtemp(join(tmpdir(), "segany-")).catch((cause: unknown) => {
    throw unwritable(tmpdir(), cause);
  });
  const buckets = Array.from({ length: bucketCount }, (_, bucket) =>
    createBucket(join(folder, String(bucket))),
  );
  return {
    add(entry) {
      buckets[Math.floor(entry.place / perBucket)]!.add(entry);
    },
    async flush() {
      for (const bucket of buckets) if (bucket.pendingBytes() >= flushBytes) await bucket.flush();
    },
    async *read() {
      for (let bucket = 0; bucket < bucketCount; bucket++) {
        const first = bucket * perBucket;
        const groups = await buckets[bucket]!.readGroups(
          first,
          Math.max(0, Math.min(perBucket, places - first)),
        );
        yield* groups;
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }).catch(() => {}),
  };
}

interface Bucket {
  add(entry: SpilledEntry): void;
  pendingBytes(): number;
  flush(): Promise<void>;
  readGroups(first: number, count: number): Promise<SpilledEntry[][]>;
}

function createBucket(path: string): Bucket {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let totalBytes = 0;
  const flush = async (): Promise<void> => {
    if (pendingBytes === 0) return;
    const bytes = Buffer.concat(pending, pendingBytes);
    pending = [];
    totalBytes += pendingBytes;
    pendingBytes = 0;
    await appendFile(path, bytes).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  };
  return {
    add({ place, isRegion, index, bytes }) {
      const entry = Buffer.allocUnsafe(headerBytes + bytes.length);
      entry.writeUInt32LE(bytes.length, 0);
      entry.writeUInt32LE(place * 2 + Number(isRegion), 4);
      entry.writeUInt32LE(index, 8);
      entry.set(bytes, headerBytes);
      pending.push(entry);
      pendingBytes += entry.length;
    },
    pendingBytes: () => pendingBytes,
    flush,
    async readGroups(first, count) {
      await flush();
      if (totalBytes > maxBucketBytes) {
        throw new DatasetError(
          "dataset-too-large",
          `The masks of a few neighbouring images take ${totalBytes} bytes, more than the ${maxBucketBytes} that are sorted at once.`,
        );
      }
      const groups: SpilledEntry[][] = Array.from({ length: count }, () => []);
      if (totalBytes === 0) return groups;
      const bytes = await readFile(path).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      for (const entry of entriesOf(bytes)) groups[entry.place - first]!.push(entry);
      await rm(path, { force: true }).catch(() => {});
      return groups;
    },
  };
}

function* entriesOf(file: Buffer): Iterable<SpilledEntry> {
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at);
    const place = file.readUInt32LE(at + 4);
    const start = at + headerBytes;
    yield {
      place: place >>> 1,
      isRegion: (place & 1) === 1,
      index: file.readUInt32LE(at + 8),
      bytes: file.subarray(start, start + length),
    };
    at = start + length;
  }
}
