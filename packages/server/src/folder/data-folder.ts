import { constants } from "node:fs";
import { access, type FileHandle, lstat, mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { StartError } from "../errors.js";
import { flushFolder } from "./flush.js";
import { lockFile } from "./folder-lock.js";
import { findForeignContent } from "./foreign-content.js";
import { describeHolder, removeHolder, writeHolder } from "./holder.js";
import { checkMarker, MARKER_NAME, MARKER_TEXT } from "./marker.js";
import { OWN_FOLDERS } from "./own-names.js";

/** A folder that is proven to be ours, and that no other server works on until it is closed. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Lets another server have it. */
  close(): Promise<void>;
}

/**
 * Takes a folder for a server's data. It is ours by the marker file that is made here while the folder is new or empty
 * (or was made by a version that knew no marker); the lock on that file keeps a second server out. Nothing is changed
 * in a folder that is refused.
 *
 * @param address of the server, for the message to whoever wants the folder meanwhile
 * @throws StartError `folder-foreign`, `folder-in-use`, `folder-unusable`
 */
export async function openDataFolder(directory: string, address: string): Promise<DataFolder> {
  const root = resolve(directory);
  const marker = await withReasons(directory, async () => {
    await makeFolder(root);
    await checkContent(root, directory);
    return open(join(root, MARKER_NAME), constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0));
  });
  try {
    await withReasons(directory, () => claim(marker, root, directory));
  } catch (error) {
    await marker.close();
    throw error;
  }
  await writeHolder(root, address);
  return {
    path: root,
    async close() {
      await removeHolder(root);
      await marker.close();
    },
  };
}

/** Locks the marker, and writes it if it was just made. */
async function claim(marker: FileHandle, root: string, directory: string): Promise<void> {
  if (!(await lockFile(marker.fd, directory))) {
    throw new StartError(
      "folder-in-use",
      `"${directory}" is in use by ${await describeHolder(root)}. Use that server, stop it, or choose another folder.`,
    );
  }
  const text = await marker.readFile("utf8");
  if (text !== "") return checkMarker(text, directory);
  // Made just now, or by a server that was killed before it wrote: then there is nothing else to be ours yet.
  const path = await findForeignContent(root);
  if (path !== undefined) throw foreign(directory, path);
  await marker.write(MARKER_TEXT, 0);
  await marker.sync();
  await flushFolder(root);
}

/** Looks without touching: with a marker our names must be files and folders, without one it must be empty or ours. */
async function checkContent(root: string, directory: string): Promise<void> {
  const names = await readdir(root);
  const hadMarker = names.includes(MARKER_NAME);
  const path = await (hadMarker ? findWrongKind(root, names) : findForeignContent(root));
  if (path === undefined) return;
  const hasMarker = hadMarker || (await readdir(root)).includes(MARKER_NAME);
  if (hasMarker !== hadMarker) return checkContent(root, directory); // another server has just made it
  throw foreign(directory, path);
}

/** One of our names that stands for something else, such as a link to another place. */
async function findWrongKind(root: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of [MARKER_NAME, ...OWN_FOLDERS].filter((own) => names.includes(own))) {
    const found = await lstat(join(root, name));
    if (!(name === MARKER_NAME ? found.isFile() : found.isDirectory())) return name;
  }
  return undefined;
}

function foreign(directory: string, path: string): StartError {
  return new StartError(
    "folder-foreign",
    `"${directory}" is not a data folder of segany: it holds "${path}". Nothing in it was changed. ` +
      "Choose a new or empty folder.",
  );
}

async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    // On a read-only file system mkdir says ENOENT; asking about what is there gives the true reason.
    await access(await nearestFolder(root), constants.W_OK);
    throw error;
  }
}

async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : nearestFolder(dirname(path));
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission is missing",
  EDQUOT: "the disk quota is used up",
  EEXIST: "there is a file of that name",
  ELOOP: "its marker is a link",
  ENOSPC: "the disk is full",
  ENOTDIR: "there is a file of that name",
  EPERM: "permission is missing",
  EROFS: "its file system is read-only",
};

async function withReasons<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new StartError(
      "folder-unusable",
      `"${directory}" can't keep the server's data: ${REASONS[code] ?? message}. Choose another folder.`,
      { cause },
    );
  }
}
