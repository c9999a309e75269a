import { basename, dirname } from "node:path";

/**
 * What the part of a set is called whose file this is: by the file's name behind its prefix, else, where
 * every part's file has this name, by the folder of the part.
 *
 * @param prefix with which files of parts begin, such as `instances_`
 */
export function partNameOf(file: string, prefix: RegExp): string {
  const stem = basename(file).replace(/\.json$/i, "");
  const own = prefix.test(stem) ? stem.replace(prefix, "") : undefined;
  if (own !== undefined && own !== "default") return own;
  const folder = dirname(file);
  if (own === "default") return basename(basename(folder) === "annotations" ? dirname(folder) : folder);
  return /^(_annotations\.coco|annotations)$/i.test(stem) ? basename(folder) : stem;
}
