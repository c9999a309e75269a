/** What the files of a cached folder are, so that damaged and foreign ones are detected. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../files/node-atomic-write.js";
import { compareFile, type FileRecord, recordFile } from "../files/node-file-record.js";

/** The file with the records. */
export const MANIFEST_FILE = "manifest.json";

type NamedRecord = FileRecord & { readonly name: string };

/** Records the files of a folder. */
export async function writeManifest(folder: string, names: readonly string[]): Promise<void> {
  const files = await Promise.all(
    names.map(async (name) => ({ name, ...(await recordFile(join(folder, name))) })),
  );
  await writeFileAtomic(join(folder, MANIFEST_FILE), JSON.stringify(files));
}

/**
 * Whether the files of a folder are what was recorded: by size, samples and identity, or where that differs
 * (the folder was copied, for example) and for `whole` by their hashes.
 *
 * @returns false also for a folder without a manifest
 */
export async function isIntact(folder: string, how: "sampled" | "whole" = "sampled"): Promise<boolean> {
  try {
    const files = JSON.parse(await readFile(join(folder, MANIFEST_FILE), "utf8")) as NamedRecord[];
    let moved = files.length === 0;
    for (const file of files) {
      const found = await compareFile(join(folder, file.name), file, how);
      if (found === "other") return false;
      moved ||= found === "moved";
    }
    const names = files.map(({ name }) => name);
    if (moved) await writeManifest(folder, names).catch(() => {}); // else it is hashed again the next time
    return files.length > 0;
  } catch {
    return false;
  }
}
