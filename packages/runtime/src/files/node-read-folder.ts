import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** What is in a folder, by name and sorted. */
export interface FolderContent {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** For the folders in it. */
  readonly walk: FolderWalk;
}

/** How a folder was reached. */
export interface FolderWalk {
  /** Real paths of the folder and of those above it. */
  readonly chain: readonly string[];
  /** How often each real folder was listed in the whole walk. */
  readonly visits: Map<string, number>;
}

/**
 * Links lead to a folder so often: were it any number, thirty folders with two links each would have a
 * billion.
 */
const MAX_VISITS = 16;

/**
 * The files and folders in a folder. Links count as what they lead to; one that leads to nothing, or to a
 * folder that it is in or that links have led to 16 times, is left out, as are hidden files and what is
 * neither file nor folder.
 *
 * @param above the walk of the folder above, if this is one that was found in it
 * @throws the system's error where the folder can't be read
 *
 * @example
 * await writeFileInside("photos", "a.jpg", "");
 * await writeFileInside("photos", "more/b.jpg", "");
 * const { files, folders } = await readFolder("photos");
 * console.log(files, folders); // [ 'a.jpg' ] [ 'more' ]
 */
export async function readFolder(
  folder: string,
  { chain, visits }: FolderWalk = { chain: [], visits: new Map() },
): Promise<FolderContent> {
  const files: string[] = [];
  const folders: string[] = [];
  const real = await realpath(folder);
  visits.set(real, (visits.get(real) ?? 0) + 1);
  const walk = { chain: [...chain, real], visits };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    const kind = await kindOf(entry, path);
    if (kind === "file") files.push(entry.name);
    else if (kind === "folder" && !(await isLinkedTooOften(entry, path, walk))) folders.push(entry.name);
  }
  return { files: files.sort(), folders: folders.sort(), walk };
}

/**
 * The files in a folder and in those below it, as names relative to it with `/`.
 *
 * @param enters whether a folder is looked into, by the names of its files
 * @throws the system's error where a folder can't be read
 *
 * @example
 * await writeFileInside("album", "a.jpg", "");
 * await writeFileInside("album", "more/b.jpg", "");
 * const names: string[] = [];
 * for await (const name of walkFiles("album")) names.push(name);
 * console.log(names); // [ 'a.jpg', 'more/b.jpg' ]
 */
export async function* walkFiles(
  folder: string,
  enters: (files: readonly string[]) => boolean = () => true,
): AsyncGenerator<string> {
  yield* walkFrom(folder, "", undefined, enters);
}

async function* walkFrom(
  folder: string,
  prefix: string,
  above: FolderWalk | undefined,
  enters: (files: readonly string[]) => boolean,
): AsyncGenerator<string> {
  const { files, folders, walk } = await readFolder(folder, above);
  if (!enters(files)) return;
  for (const name of files) yield prefix + name;
  for (const name of folders) yield* walkFrom(join(folder, name), `${prefix}${name}/`, walk, enters);
}

/**
 * What an entry of a folder is, after links; undefined for pipes, devices and links to nothing.
 *
 * @example
 * import { readdir } from "node:fs/promises";
 *
 * await writeFileInside("kinds", "a.txt", "");
 * for (const entry of await readdir("kinds", { withFileTypes: true }))
 *   console.log(await kindOf(entry, `kinds/${entry.name}`)); // file
 */
export async function kindOf(entry: Dirent, path: string): Promise<"file" | "folder" | undefined> {
  const found = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  if (found?.isFile()) return "file";
  return found?.isDirectory() ? "folder" : undefined;
}

/** Also for a link that leads back to a folder that it is in. */
async function isLinkedTooOften(entry: Dirent, path: string, walk: FolderWalk): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false;
  const target = await realpath(path);
  return walk.chain.includes(target) || (walk.visits.get(target) ?? 0) >= MAX_VISITS;
}
