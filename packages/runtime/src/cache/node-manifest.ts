/** What the files of a kept folder are, so that damaged and foreign ones are found. */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../files/node-atomic-write.js";

/** The file in which it is written down. */
export const MANIFEST_FILE = "manifest.json";
/** Parts of a file that are looked at on every opening; all of a file up to this size. */
const SAMPLES = 16;
const SAMPLE_BYTES = 4096;
const CHUNK_BYTES = 2 ** 20;

interface FileRecord {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Hash of the samples. */
  readonly sample: string;
  /** What the system changes whenever the file is: times of change and inode. */
  readonly identity: string;
}

/** Writes down what the files of a folder are. */
export async function writeManifest(folder: string, names: readonly string[]): Promise<void> {
  const files = await Promise.all(names.map((name) => reading(folder, name, recordOf)));
  await writeFileAtomic(join(folder, MANIFEST_FILE), JSON.stringify(files));
}

/**
 * Whether the files of a folder are what was written down: by size, samples and what the system knows of them, or
 * where that differs (the folder was copied, say) and for `whole` by their hashes.
 *
 * @returns false also for a folder without a manifest
 */
export async function isIntact(folder: string, how: "sampled" | "whole" = "sampled"): Promise<boolean> {
  try {
    const files = JSON.parse(await readFile(join(folder, MANIFEST_FILE), "utf8")) as FileRecord[];
    let moved = files.length === 0;
    for (const file of files) {
      const found = await reading(folder, file.name, (name, handle, stats) =>
        check(name, handle, stats, file, how),
      );
      if (found === "other") return false;
      moved ||= found === "moved";
    }
    // A folder that can't be written is hashed again the next time.
    if (moved)
      await writeManifest(
        folder,
        files.map(({ name }) => name),
      ).catch(() => {});
    return files.length > 0;
  } catch {
    return false;
  }
}

async function check(
  name: string,
  handle: FileHandle,
  stats: BigIntStats,
  record: FileRecord,
  how: "sampled" | "whole",
): Promise<"same" | "moved" | "other"> {
  if (Number(stats.size) !== record.sizeBytes || (await sampleOf(handle, record.sizeBytes)) !== record.sample)
    return "other";
  const isKnown = identityOf(stats) === record.identity;
  if (isKnown && how === "sampled") return "same";
  const { sha256 } = await recordOf(name, handle, stats);
  if (sha256 !== record.sha256) return "other";
  return isKnown ? "same" : "moved";
}

async function reading<T>(
  folder: string,
  name: string,
  work: (name: string, handle: FileHandle, stats: BigIntStats) => Promise<T>,
): Promise<T> {
  const handle = await open(join(folder, name));
  try {
    return await work(name, handle, await handle.stat({ bigint: true }));
  } finally {
    await handle.close();
  }
}

async function recordOf(name: string, handle: FileHandle, stats: BigIntStats): Promise<FileRecord> {
  const sizeBytes = Number(stats.size);
  const hash = createHash("sha256");
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; at < sizeBytes; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
  const sample = await sampleOf(handle, sizeBytes);
  return { name, sizeBytes, sha256: hash.digest("hex"), sample, identity: identityOf(stats) };
}

/** Pieces at equal distances, the first and the last of the file among them. */
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
