import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** What is in a folder, by name and sorted. */
export interface FolderContent {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Real paths of the folder and of those above it, for the folders in it. */
  readonly chain: readonly string[];
}

/**
 * The files and folders in a folder. Links count as what they lead to; one that leads to nothing, or to a folder
 * that it is in, is left out, as are hidden files and what is neither file nor folder.
 *
 * @param chain that of the folder above, where this is one that was found in it
 * @throws the system's error where the folder can't be read
 */
export async function readFolder(folder: string, chain: readonly string[] = []): Promise<FolderContent> {
  const files: string[] = [];
  const folders: string[] = [];
  const here = [...chain, await realpath(folder)];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    const kind = await kindOf(entry, path);
    if (kind === "file") files.push(entry.name);
    else if (kind === "folder" && !(await leadsBack(entry, path, here))) folders.push(entry.name);
  }
  return { files: files.sort(), folders: folders.sort(), chain: here };
}

/**
 * The files in a folder and in those below it, as names relative to it with `/`.
 *
 * @param enters whether a folder is looked into, by the names of its files
 * @throws the system's error where a folder can't be read
 */
export async function* walkFiles(
  folder: string,
  enters: (files: readonly string[]) => boolean = () => true,
): AsyncGenerator<string> {
  yield* walk(folder, "", [], enters);
}

async function* walk(
  folder: string,
  prefix: string,
  above: readonly string[],
  enters: (files: readonly string[]) => boolean,
): AsyncGenerator<string> {
  const { files, folders, chain } = await readFolder(folder, above);
  if (!enters(files)) return;
  for (const name of files) yield prefix + name;
  for (const name of folders) yield* walk(join(folder, name), `${prefix}${name}/`, chain, enters);
}

/** What an entry of a folder is, after links; undefined for pipes, devices and links to nothing. */
export async function kindOf(entry: Dirent, path: string): Promise<"file" | "folder" | undefined> {
  const found = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  if (found?.isFile()) return "file";
  return found?.isDirectory() ? "folder" : undefined;
}

async function leadsBack(entry: Dirent, path: string, chain: readonly string[]): Promise<boolean> {
  return entry.isSymbolicLink() && chain.includes(await realpath(path));
}
