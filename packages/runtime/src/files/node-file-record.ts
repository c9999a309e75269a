/** What a file was when it was written, so that a damaged or foreign one is detected later. */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { crc32 } from "node:zlib";

/** Number of samples; a file up to their total size is read whole. */
const SAMPLES = 16;
const SAMPLE_BYTES = 4096;
const CHUNK_BYTES = 2 ** 20;

/** Size, checksum and samples of a file. */
export interface FileRecord {
  readonly sizeBytes: number;
  /**
   * CRC-32 of the content: for damage, not against forgery. Who can change a file can change its record, too.
   */
  readonly checksum: number;
  /** Hash of samples at equal distances. */
  readonly sample: string;
  /** What the system changes with every write: modification and change times, and the inode. */
  readonly identity: string;
}

/**
 * How a file compares with its record: `same`; `moved` for the same content under another identity (copied or
 * touched, for example); `other` for any other content.
 */
export type FileComparison = "same" | "moved" | "other";

/**
 * Describes a file.
 *
 * @param checksum of its content, where that is known: the file is then not read but for samples
 *
 * @example
 * await writeFileAtomic("recorded.txt", "three masks");
 * console.log((await recordFile("recorded.txt")).sizeBytes); // 11
 */
export function recordFile(path: string, checksum?: number): Promise<FileRecord> {
  return reading(path, async (handle, stats) => {
    const sizeBytes = Number(stats.size);
    const sample = await sampleOf(handle, sizeBytes);
    return {
      sizeBytes,
      checksum: checksum ?? (await checksumOf(handle)),
      sample,
      identity: identityOf(stats),
    };
  });
}

/**
 * Compares a file with its record: its size, samples and identity, and where the identity differs its
 * checksum.
 *
 * @param how `whole` compares the checksum of a file with the same identity, too
 * @throws the system's error for a file that can't be read
 *
 * @example
 * await writeFileAtomic("compared.txt", "three masks");
 * const record = await recordFile("compared.txt");
 * console.log(await compareFile("compared.txt", record)); // same
 * await writeFileAtomic("compared.txt", "seven masks");
 * console.log(await compareFile("compared.txt", record)); // other
 */
export function compareFile(
  path: string,
  record: FileRecord,
  how: "sampled" | "whole" = "sampled",
): Promise<FileComparison> {
  return reading(path, async (handle, stats) => {
    const isSameSize = Number(stats.size) === record.sizeBytes;
    if (!isSameSize || (await sampleOf(handle, record.sizeBytes)) !== record.sample) return "other";
    const isKnown = identityOf(stats) === record.identity;
    if (isKnown && how === "sampled") return "same";
    if ((await checksumOf(handle)) !== record.checksum) return "other";
    return isKnown ? "same" : "moved";
  });
}

/**
 * Whether a file has the identity in its record, without reading it. False for a file that is missing.
 *
 * @example
 * await writeFileAtomic("written-once.txt", "three masks");
 * const record = await recordFile("written-once.txt");
 * console.log(await hasIdentity("written-once.txt", record)); // true
 */
export async function hasIdentity(path: string, { identity }: FileRecord): Promise<boolean> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats !== undefined && identityOf(stats) === identity;
}

async function reading<T>(
  path: string,
  work: (handle: FileHandle, stats: BigIntStats) => Promise<T>,
): Promise<T> {
  const handle = await open(path);
  try {
    return await work(handle, await handle.stat({ bigint: true }));
  } finally {
    await handle.close();
  }
}

async function checksumOf(handle: FileHandle): Promise<number> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let checksum = 0;
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return checksum;
    checksum = crc32(chunk.subarray(0, bytesRead), checksum);
    at += bytesRead;
  }
}

/** Hash of pieces at equal distances, from the first of the file to the last. */
async function sampleOf(handle: FileHandle, sizeBytes: number): Promise<string> {
  const hash = createHash("sha256");
  const piece = new Uint8Array(SAMPLE_BYTES);
  const last = Math.max(0, sizeBytes - SAMPLE_BYTES);
  for (let i = 0; i < SAMPLES; i++) {
    const at = Math.floor((last * i) / (SAMPLES - 1));
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    hash.update(piece.subarray(0, bytesRead));
  }
  return hash.digest("hex");
}

function identityOf({ mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${mtimeNs} ${ctimeNs} ${ino}`;
}
