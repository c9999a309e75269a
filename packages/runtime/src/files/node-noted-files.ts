/** Files in a folder of the user's: which of them are ours shows a note beside them. */
import { createHash } from "node:crypto";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileInside } from "./node-folders.js";
import { readOwnFile } from "./node-own-files.js";

/** In the folder: the hashes of what was written under each name. */
const NOTE = ".segany-files.json";

/** By name, SHA-256 of the content; two of them while a file is being replaced. */
type Hashes = Readonly<Record<string, readonly string[]>>;

/**
 * Looks for a file that would be replaced though it is not ours, or not any more: somebody has changed it.
 *
 * @param names relative to the folder
 * @returns the path of the first one; undefined when all may be written
 *
 * @example
 * await writeFileInside("documents", "report.txt", "written by hand");
 * console.log((await findForeignFile("documents", ["report.txt"]))?.endsWith("report.txt")); // true
 */
export async function findForeignFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  const hashes = await readNote(folder);
  for (const name of names) {
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    if (!stats) continue;
    const isOurs = stats.isFile() && hashes[name]?.includes(sha256Of(await readFile(path)));
    if (!isOurs) return path;
  }
  return undefined;
}

/**
 * Writes files into a folder, each whole or not at all, and notes that they are ours: before the first, so
 * that a run that is stopped in between can be repeated.
 *
 * @param files content by name, relative to the folder
 * @throws SamError `file-unwritable`
 *
 * @example
 * await writeNotedFiles("summary", { "report.txt": "all well" });
 * console.log(await findForeignFile("summary", ["report.txt"])); // undefined
 */
export async function writeNotedFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const before = await readNote(folder);
  const added = Object.entries(files).map(([name, data]) => [name, sha256Of(data)] as const);
  const during = added.map(([name, hash]) => [name, [...(before[name] ?? []), hash]] as const);
  const after = added.map(([name, hash]) => [name, [hash]] as const);
  await writeNote(folder, { ...before, ...Object.fromEntries(during) });
  for (const [name, data] of Object.entries(files)) await writeFileInside(folder, name, data);
  await writeNote(folder, { ...before, ...Object.fromEntries(after) });
}

/** A note that can't be read says that nothing is ours. */
async function readNote(folder: string): Promise<Hashes> {
  try {
    const note: unknown = JSON.parse(await readOwnFile(join(folder, NOTE)));
    if (typeof note !== "object" || note === null) return {};
    return Object.fromEntries(Object.entries(note).filter(([, hashes]) => Array.isArray(hashes)));
  } catch {
    return {};
  }
}

async function writeNote(folder: string, hashes: Hashes): Promise<void> {
  await writeFileInside(folder, NOTE, `${JSON.stringify(hashes)}\n`);
}

function sha256Of(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
