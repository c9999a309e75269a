import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { DATA_FOLDER_MARKER } from "@segany/server";
import { UsageError } from "../cli-error.js";

/** Endings of the formats that a server takes. */
const ENDINGS: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"]);

/**
 * The images in a folder and the folders inside, sorted by path. Hidden files, links and the data folders of servers
 * are left out.
 *
 * @throws UsageError for a folder that can't be read
 */
export async function findImages(folder: string): Promise<string[]> {
  const found: string[] = [];
  await collect(folder, found);
  return found.sort();
}

async function collect(folder: string, found: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new UsageError(`The images of "${folder}" can't be imported: ${error.message}.`);
  });
  if (entries.some(({ name }) => name === DATA_FOLDER_MARKER)) return;
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await collect(path, found);
    else if (entry.isFile() && ENDINGS.has(extname(entry.name).toLowerCase())) found.push(path);
  }
}
