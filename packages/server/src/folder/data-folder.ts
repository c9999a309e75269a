import { constants } from "node:fs";
import { access, type FileHandle, lstat, mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { flushFolder } from "@segany/runtime/files";
import { StartError } from "../errors.js";
import { lockFile } from "./folder-lock.js";
import { findForeignContent } from "./foreign-content.js";
import { describeHolder, removeHolder, writeHolder } from "./holder.js";
import { checkMarker, MARKER_NAME, MARKER_TEXT } from "./marker.js";
import { OWN_FOLDER_PATHS, OWN_FOLDERS } from "./own-names.js";

/** A folder that belongs to this server and is locked against others until it is closed. */
export interface DataFolder {
  /** Absolute path. */
  readonly path: string;
  /** Releases the lock. */
  close(): Promise<void>;
}

/**
 * Opens and locks a folder for a server's data. The marker file identifies a data folder. It is created here
 * if the folder is new or empty (or comes from a version without markers); the lock on it excludes a second
 * server. A folder that is refused is left unchanged.
 *
 * @param address of the server, for the error message that a second server gets
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

/** Locks the marker, and writes it if it was just created. */
async function claim(marker: FileHandle, root: string, directory: string): Promise<void> {
  if (!(await lockFile(marker.fd, directory))) {
    throw new StartError(
      "folder-in-use",
      `"${directory}" is in use by ${await describeHolder(root)}. Use that server, stop it, or choose another folder.`,
    );
  }
  const text = await marker.readFile("utf8");
  if (text !== "") return checkMarker(text, directory);
  // Just created, or left empty by a server that was killed before it wrote: then nothing else can be ours
  // yet.
  const path = await findForeignContent(root);
  if (path !== undefined) throw foreign(directory, path);
  await marker.write(MARKER_TEXT, 0);
  await marker.sync();
  await flushFolder(root);
}

/**
 * Checks the content without changing it. With a marker, our names must be files and folders; without one,
 * the folder must be empty or ours.
 */
async function checkContent(root: string, directory: string): Promise<void> {
  const names = await readdir(root);
  const hadMarker = names.includes(MARKER_NAME);
  const path = await (hadMarker ? findWrongKind(root, names) : findForeignContent(root));
  if (path === undefined) return;
  const hasMarker = hadMarker || (await readdir(root)).includes(MARKER_NAME);
  if (hasMarker !== hadMarker) return checkContent(root, directory); // another server has just created it
  throw foreign(directory, path);
}

/** One of our names that has the wrong kind, such as a link. */
async function findWrongKind(root: string, names: readonly string[]): Promise<string | undefined> {
  if (!(await lstat(join(root, MARKER_NAME))).isFile()) return MARKER_NAME;
  for (const name of OWN_FOLDERS.filter((own) => names.includes(own))) {
    if (!(await lstat(join(root, name))).isDirectory()) return name;
    for (const entry of await readdir(join(root, name), { withFileTypes: true }))
      if (OWN_FOLDER_PATHS.test(`${name}/${entry.name}`) && !entry.isDirectory())
        return `${name}/${entry.name}`;
  }
  return undefined;
}

function foreign(directory: string, path: string): StartError {
  return new StartError(
    "folder-foreign",
    `"${directory}" is not a data folder of segany: it contains "${path}". Nothing in it was changed. ` +
      "Choose a new or empty folder.",
  );
}

async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    // On a read-only file system mkdir fails with ENOENT; accessing the parent gives the true reason.
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
  ELOOP: "its marker file is a link",
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
      `"${directory}" can't be used for the server's data: ${REASONS[code] ?? message}. Choose another folder.`,
      { cause },
    );
  }
}
