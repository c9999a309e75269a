/** What the files of a cached folder are, so that damaged and foreign ones are detected. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../files/node-atomic-write.js";
import { compareFile, type FileRecord, recordFile } from "../files/node-file-record.js";

/** The file with the records. */
export const MANIFEST_FILE = "manifest.json";

type NamedRecord = FileRecord & { readonly name: string };

/**
 * Records the files of a folder.
 *
 * @param checksums CRC-32 of files whose content is known: these are not read again
 */
export async function writeManifest(
  folder: string,
  names: readonly string[],
  checksums: Readonly<Record<string, number>> = {},
): Promise<void> {
  const files = await Promise.all(
    names.map(async (name) => ({ name, ...(await recordFile(join(folder, name), checksums[name])) })),
  );
  await writeFileAtomic(join(folder, MANIFEST_FILE), JSON.stringify(files));
}

/**
 * Whether the files of a folder are what was recorded: by size, samples and identity, or where that differs
 * (the folder was copied, for example) and for `whole` by their checksums.
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
    if (moved) await writeManifest(folder, names).catch(() => {}); // else all is read again the next time
    return files.length > 0;
  } catch {
    return false;
  }
}
