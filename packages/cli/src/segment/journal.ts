/** The journal of finished images: one small file per image, so that an interrupted run can be resumed. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@segany/dataset/formats";
import { writeFileInside } from "@segany/runtime/files";
import type { InputImage } from "./inputs.js";

/** Folder of the journal in the output folder. */
const FOLDER = ".segany";

/** Identifies a file's content. */
export interface FileContent {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** State of an image file. Another modification time means another image, as for other tools. */
export interface SourceState extends FileContent {
  readonly mtimeMs: number;
}

/** The record of a finished image. */
export interface JournalEntry {
  /** Hash of everything besides the image that determines the result. */
  readonly settings: string;
  readonly source: SourceState;
  /** Paths relative to the output folder. */
  readonly files: readonly (FileContent & { readonly name: string })[];
  readonly masks: number;
  /** The masks as SA-1B's JSON; kept where all images go into one file. */
  readonly record?: JsonObject;
}

/** As it lies on the disk. */
interface StoredEntry {
  /** Files and folders that this run or an earlier one has written, or begun to write, for the image. */
  readonly names: readonly string[];
  /** Of a finished image. */
  readonly entry?: JournalEntry;
  /** Of the entry; one that was damaged has another. */
  readonly sha256?: string;
}

/** Hashes settings for {@link JournalEntry.settings}. */
export function settingsHash(settings: unknown): string {
  return sha256Of(settings);
}

/**
 * Reads the state of an image file. Call it before reading the file, so that a later change is noticed.
 *
 * @returns undefined for a pipe, which can be read only once, and for an unreadable file
 */
export async function findSource({ path }: InputImage): Promise<SourceState | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? { ...(await contentOf(path)), mtimeMs: stats.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

async function contentOf(path: string): Promise<FileContent> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest("hex") };
}

/** The record of an image if its results exist, unchanged, for the same image and settings. */
export async function findDone(
  output: string,
  input: InputImage,
  settings: string,
): Promise<JournalEntry | undefined> {
  try {
    const { entry, sha256 } = await readEntry(output, input);
    if (!entry || sha256 !== sha256Of(entry) || entry.settings !== settings) return undefined;
    if ((await stat(input.path)).mtimeMs !== entry.source.mtimeMs) return undefined;
    for (const file of entry.files) {
      if (!(await lstat(join(output, file.name))).isFile()) return undefined;
      if (!(await holds(join(output, file.name), file))) return undefined;
    }
    return (await holds(input.path, entry.source)) ? entry : undefined;
  } catch {
    return undefined; // no entry, a damaged one, or a missing result: segment the image again
  }
}

async function readEntry(output: string, input: InputImage): Promise<StoredEntry> {
  return JSON.parse(await readFile(join(output, entryName(input)), "utf8")) as StoredEntry;
}

/** Files and folders that runs have written for the image, or begun to; of a damaged entry none are known. */
export async function ownNames(output: string, input: InputImage): Promise<string[]> {
  try {
    const { names } = await readEntry(output, input);
    return names.filter((name) => typeof name === "string");
  } catch {
    return [];
  }
}

/**
 * Notes, before the first file, that what is written from here on is ours. What earlier runs wrote stays
 * ours; that they have finished is forgotten.
 *
 * @param names files and folders, relative to the output folder
 */
export async function noteBegun(output: string, input: InputImage, names: readonly string[]): Promise<void> {
  const all = new Set([...(await ownNames(output, input)), ...names]);
  await writeEntry(output, input, { names: [...all] });
}

async function writeEntry(output: string, input: InputImage, stored: StoredEntry): Promise<void> {
  await writeFileInside(output, entryName(input), JSON.stringify(stored));
}

/**
 * Records that an image is finished; its files must be on disk.
 *
 * @param source state of its file before it was read; without it nothing is recorded
 */
export async function noteDone(
  output: string,
  input: InputImage,
  entry: Omit<JournalEntry, "files" | "source">,
  names: readonly string[],
  source?: SourceState,
): Promise<void> {
  source ??= await findSource(input);
  if (!source) return;
  const files = await Promise.all(
    names.map(async (name) => ({ name, ...(await contentOf(join(output, name))) })),
  );
  const whole: JournalEntry = { ...entry, source, files };
  await writeEntry(output, input, {
    names: await ownNames(output, input),
    entry: whole,
    sha256: sha256Of(whole),
  });
}

async function holds(path: string, { size, sha256 }: FileContent): Promise<boolean> {
  if ((await stat(path)).size !== size) return false;
  return (await contentOf(path)).sha256 === sha256;
}

function sha256Of(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** The image's file in the journal, relative to the output folder. */
export function entryName(input: InputImage): string {
  return join(FOLDER, `${input.outputStem}.json`);
}
