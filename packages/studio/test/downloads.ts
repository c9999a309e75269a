/** Files that a page hands to its user. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";

export interface DownloadedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The file that an action downloads. */
export async function downloadFrom(page: Page, action: () => Promise<unknown>): Promise<DownloadedFile> {
  const [download] = await Promise.all([page.waitForEvent("download"), action()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Puts a file into a folder, a zip's content instead of it. @returns where readers of data sets find it */
export async function unpackInto(folder: string, { name, bytes }: DownloadedFile): Promise<string> {
  await mkdir(folder, { recursive: true });
  if (!name.endsWith(".zip")) {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  }
  for (const [path, content] of Object.entries(unzipSync(bytes))) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return folder;
}
