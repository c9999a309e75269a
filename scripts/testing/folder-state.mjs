import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Everything that a user could find changed below a path: names, kinds, permissions, times of writing, where
 * links lead and what files hold. Two equal texts mean that nothing was touched.
 *
 * @param {string} path a folder, or something that isn't there
 * @returns {string}
 */
export function folderState(path) {
  const stats = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (!stats) return "nothing";
  const own = `${stats.mode.toString(8)} ${stats.mtimeNs}`;
  if (stats.isSymbolicLink()) return `link ${own} ${readlinkSync(path)}`;
  if (!stats.isDirectory())
    return `file ${own} ${stats.size} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  const inside = readdirSync(path)
    .sort()
    .map((name) => `${JSON.stringify(name)} ${folderState(join(path, name)).replaceAll("\n", "\n  ")}`);
  return [`folder ${own}`, ...inside].join("\n  ");
}

/**
 * Makes files, folders (names that end with "/") and links (text that begins with "->").
 *
 * @param {string} root
 * @param {Readonly<Record<string, string>>} entries by path
 */
export function makeTree(root, entries) {
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(entries)) {
    const target = join(root, path);
    mkdirSync(path.endsWith("/") ? target : dirname(target), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), target);
    else if (!path.endsWith("/")) writeFileSync(target, text);
  }
}
