import { open } from "node:fs/promises";

/**
 * Flushes a file to disk, so that it survives a power failure.
 *
 * @example
 * import { writeFile } from "node:fs/promises";
 * await writeFile("kept.txt", "three masks");
 * await flushFile("kept.txt");
 */
export async function flushFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Flushes a folder's entries to disk. Not needed on Windows, where it is not allowed.
 *
 * @example
 * await flushFolder(".");
 */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform !== "win32") await flushFile(path);
}
