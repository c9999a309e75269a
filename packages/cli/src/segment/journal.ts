/** What has been done already: one small file a picture, so that a run can go on where another stopped. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeOutput } from "../write-output.js";
import type { CocoPart } from "./formats.js";
import type { InputImage } from "./inputs.js";

/** Folder of the journal in the output folder. */
const FOLDER = ".segany";

/** What is known of a finished picture. */
export interface JournalEntry {
  /** Hash of everything that decides the result apart from the picture. */
  readonly settings: string;
  readonly source: { readonly size: number; readonly mtimeMs: number };
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly masks: number;
  /** Kept where all pictures go into one file. */
  readonly coco?: CocoPart;
}

/** Hashes settings for {@link JournalEntry.settings}. */
export function settingsHash(settings: unknown): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 32);
}

/** The entry of a picture if its results are there, unchanged, for the same picture and settings. */
export async function findDone(
  output: string,
  input: InputImage,
  settings: string,
): Promise<JournalEntry | undefined> {
  try {
    const entry = JSON.parse(await readFile(entryPath(output, input), "utf8")) as JournalEntry;
    const source = await stat(input.path);
    if (
      entry.settings !== settings ||
      entry.source.size !== source.size ||
      entry.source.mtimeMs !== source.mtimeMs
    )
      return undefined;
    for (const { name, size } of entry.files) {
      if ((await stat(join(output, name))).size !== size) return undefined;
    }
    return entry;
  } catch {
    return undefined; // no entry, a broken one, or a result that is gone: it is done again
  }
}

/** Whether a run has finished the image, or begun to write its results. */
export async function hasEntry(output: string, input: InputImage): Promise<boolean> {
  return stat(entryPath(output, input)).then(
    () => true,
    () => false,
  );
}

/** Notes, before the first file, that what is written from here on is ours. An entry of another run goes. */
export async function noteBegun(output: string, input: InputImage): Promise<void> {
  await writeOutput(entryPath(output, input), JSON.stringify({ begun: true }));
}

/** Notes that a picture is finished; its files are on the disk already. */
export async function noteDone(
  output: string,
  input: InputImage,
  entry: Omit<JournalEntry, "files" | "source">,
  names: readonly string[],
): Promise<void> {
  const { size, mtimeMs } = await stat(input.path);
  const files = await Promise.all(
    names.map(async (name) => ({ name, size: (await stat(join(output, name))).size })),
  );
  await writeOutput(entryPath(output, input), JSON.stringify({ ...entry, source: { size, mtimeMs }, files }));
}

function entryPath(output: string, input: InputImage): string {
  return join(output, FOLDER, `${input.outputStem}.json`);
}
