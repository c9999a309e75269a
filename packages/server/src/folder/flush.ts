import { open } from "node:fs/promises";

/** Makes a file's content outlive a power cut. */
export async function flushFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder's list of names outlive a power cut. Windows keeps it without being asked, and refuses to be. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform !== "win32") await flushFile(path);
}
