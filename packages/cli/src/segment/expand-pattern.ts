import { realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** The files that a pattern stands for. */
export interface PatternFiles {
  /** The folder before the first wildcard. */
  readonly folder: string;
  /** Relative to it, sorted, with `/` between folders. */
  readonly names: readonly string[];
}

/**
 * Expands a pattern such as `photos/*.jpg`: quotes, scripts and Windows leave it to the command. As in a
 * shell, `*` and `**` pass over hidden files, and capitals count. Links are followed; of a file that they
 * lead to in several ways, the shortest is taken.
 *
 * @returns undefined for a path without a wildcard
 */
export async function expandPattern(path: string): Promise<PatternFiles | undefined> {
  const { glob, isDynamicPattern } = await import("tinyglobby"); // loaded only for what is no file
  const parts = path.replaceAll(sep, "/").split("/");
  const first = parts.findIndex((part) => isDynamicPattern(part));
  if (first < 0) return undefined;
  const folder = parts.slice(0, first).join(sep) || (first > 0 ? sep : ".");
  const found = await glob(parts.slice(first).join("/"), { cwd: folder, expandDirectories: false });
  const realFolders = new Map<string, string>();
  const byPlace = new Map<string, string>();
  for (const name of found.sort((a, b) => depthOf(a) - depthOf(b))) {
    const own = dirname(join(folder, name));
    const real = realFolders.get(own) ?? (await realpath(own).catch(() => own));
    realFolders.set(own, real);
    const place = join(real, basename(name));
    if (!byPlace.has(place)) byPlace.set(place, name);
  }
  return { folder, names: [...byPlace.values()].sort() };
}

function depthOf(name: string): number {
  return name.split("/").length;
}
