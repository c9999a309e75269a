import { StartError } from "../errors.js";

/**
 * Takes the operating system's lock on an open file. The lock belongs to the descriptor: the system releases
 * it when the process ends for any reason, so no process id has to be trusted. It works between containers,
 * and between machines if the network drive supports locks.
 *
 * @returns false if another descriptor has the lock, in this process or another
 * @throws StartError `folder-unusable` if locks are not supported
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
    throw noLocks(directory, `file locks are not supported on ${process.platform} ${process.arch}`, cause);
  }
}

function noLocks(directory: string, why: string, cause: unknown): StartError {
  return new StartError(
    "folder-unusable",
    `"${directory}" can't be locked against a second server: ${why}. Choose a folder on a local disk.`,
    { cause },
  );
}
