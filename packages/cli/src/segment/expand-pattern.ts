import { isAbsolute, sep } from "node:path";

/**
 * The files that a pattern such as `photos/*.jpg` stands for, sorted; quotes, scripts and Windows leave it to
 * the command to expand it. As in a shell, `*` and `**` pass over hidden files, and capitals count.
 *
 * @returns undefined for a path without a wildcard
 */
export async function expandPattern(path: string): Promise<string[] | undefined> {
  const { glob, isDynamicPattern } = await import("tinyglobby"); // loaded only for what is no file
  const pattern = path.replaceAll(sep, "/");
  if (!isDynamicPattern(pattern)) return undefined;
  const files = await glob(pattern, { absolute: isAbsolute(path), expandDirectories: false });
  return files.map((file) => file.replaceAll("/", sep)).sort();
}
