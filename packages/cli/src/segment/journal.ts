/** What has been done already: one small file a picture, so that a run can go on where another stopped. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@segany/dataset/formats";
import { writeFileInside } from "@segany/runtime/files";
import type { InputImage } from "./inputs.js";

/** Folder of the journal in the output folder. */
const FOLDER = ".segany";

/** What a file holds. */
export interface FileContent {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** A picture's file; another time of change is another picture, as for other tools. */
export interface SourceState extends FileContent {
  readonly mtimeMs: number;
}

/** What is known of a finished picture. */
export interface JournalEntry {
  /** Hash of everything that decides the result apart from the picture. */
  readonly settings: string;
  readonly source: SourceState;
  /** Relative to the output folder. */
  readonly files: readonly (FileContent & { readonly name: string })[];
  readonly masks: number;
  /** The masks as SA-1B's JSON; kept where all pictures go into one file. */
  readonly record?: JsonObject;
}

/** As it lies on the disk. */
interface StoredEntry {
  /** Files and folders that this run or an earlier one has written, or begun to write, for the picture. */
  readonly names: readonly string[];
  /** Of a finished picture. */
  readonly entry?: JournalEntry;
  /** Of the entry; one that was damaged has another. */
  readonly sha256?: string;
}

/** Hashes settings for {@link JournalEntry.settings}. */
export function settingsHash(settings: unknown): string {
  return sha256Of(settings);
}

/**
 * The state of a picture's file, to be asked before it is read, so that a change meanwhile is noticed later.
 *
 * @returns undefined for a pipe, which can be read once only, and for what can't be read
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

/** The entry of a picture if its results are there, unchanged, for the same picture and settings. */
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
    return undefined; // no entry, a broken one, or a result that is gone: it is done again
  }
}

async function readEntry(output: string, input: InputImage): Promise<StoredEntry> {
  return JSON.parse(await readFile(join(output, entryName(input)), "utf8")) as StoredEntry;
}

/** Files and folders that runs have written for the picture, or begun to; of a damaged entry none are known. */
export async function ownNames(output: string, input: InputImage): Promise<string[]> {
  try {
    const { names } = await readEntry(output, input);
    return names.filter((name) => typeof name === "string");
  } catch {
    return [];
  }
}

/**
 * Notes, before the first file, that what is written from here on is ours. What earlier runs wrote stays ours; that
 * they have finished is forgotten.
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
 * Notes that a picture is finished; its files are on the disk already.
 *
 * @param source its file before it was read; of one that can't be read again nothing is noted
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

/** The picture's file in the journal, relative to the output folder. */
export function entryName(input: InputImage): string {
  return join(FOLDER, `${input.outputStem}.json`);
}
