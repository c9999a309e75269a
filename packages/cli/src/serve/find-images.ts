import { join } from "node:path";
import { isImageName, isUnreadImageName } from "@segany/dataset/formats";
import { walkFiles } from "@segany/runtime/files";
import { DATA_FOLDER_MARKER } from "@segany/server";
import { UsageError } from "../cli-error.js";

/**
 * Finds the images in a folder and its sub-folders, sorted by path, those of formats that the server refuses
 * included, so that it says so. Links are followed; hidden files and the data folders of servers are skipped.
 *
 * @throws UsageError for a folder that can't be read
 */
export async function findImages(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const name of walkFiles(folder, (files) => !files.includes(DATA_FOLDER_MARKER)))
      if (isImageName(name) || isUnreadImageName(name)) found.push(join(folder, name));
  } catch (error) {
    throw new UsageError(`The images of "${folder}" can't be imported: ${(error as Error).message}.`);
  }
  return found.sort();
}
