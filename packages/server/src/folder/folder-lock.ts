import { StartError } from "../errors.js";

/**
 * Takes the operating system's lock on an open file. It belongs to the descriptor: the system releases it when the
 * process ends, however it ends, and no process id has to be believed. It also holds between containers, and between
 * machines where the network drive has locks.
 *
 * @returns false when another descriptor holds it, in this process or any other
 * @throws StartError `folder-unusable` where there are no locks
 */
export async function lockFile(descriptor: number, directory: string): Promise<boolean> {
  const { tryLock } = await loadLocks(directory);
  try {
    return tryLock(descriptor);
  } catch (cause) {
    throw noLocks(directory, `its file system has no file locks (${(cause as Error).message})`, cause);
  }
}

async function loadLocks(directory: string): Promise<typeof import("fs-native-extensions")> {
  try {
    return await import("fs-native-extensions");
  } catch (cause) {
    throw noLocks(directory, `file locks aren't there on ${process.platform} ${process.arch}`, cause);
  }
}

function noLocks(directory: string, why: string, cause: unknown): StartError {
  return new StartError(
    "folder-unusable",
    `"${directory}" can't be kept from a second server: ${why}. Choose a folder on a local disk.`,
    { cause },
  );
}
