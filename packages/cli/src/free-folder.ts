import { StartError } from "@segany/server";

const MOST_TRIED = 100;

/**
 * Opens a folder, or the first of "folder-2", "folder-3", … that no other process uses. For copies of what
 * machines share: any folder will do.
 *
 * @throws what `open` throws but `folder-in-use`, and that after a hundred folders
 */
export async function openFreeFolder<T>(folder: string, open: (folder: string) => Promise<T>): Promise<T> {
  for (let number = 1; ; number++)
    try {
      return await open(number === 1 ? folder : `${folder}-${number}`);
    } catch (error) {
      const isInUse = error instanceof StartError && error.code === "folder-in-use";
      if (!isInUse || number === MOST_TRIED) throw error;
    }
}
