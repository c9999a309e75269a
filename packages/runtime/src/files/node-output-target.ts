import { lstat, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";

/** A file is put there. */
export interface FileTarget {
  readonly kind: "file";
  readonly path: string;
  /** The regular file that it takes the place of. */
  readonly replaces?: FileTraits | undefined;
}

/** Bytes go into something that is there: a device, a pipe, or a file that a process has open. */
export interface StreamTarget {
  readonly kind: "stream";
  readonly path: string;
  readonly isPipe: boolean;
  /** Of a file that this process has open: it goes on where the file stands. */
  readonly fd?: number;
}

/** What a new file takes over from the one it replaces. */
export interface FileTraits {
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** More links than this lead in a circle. */
const MAX_LINKS = 40;
/** Names of files that a process has open, such as where /dev/stdout leads. */
const OPEN_FILES = /^\/(proc|dev\/fd)\//;
const OWN_OPEN_FILE = new RegExp(`^/(?:dev|proc/${process.pid})/fd/(\\d+)$`);

/**
 * What a new file at a path takes the place of: a link is replaced, whatever it leads to.
 *
 * @throws the system's error; `EISDIR` for a folder, `EEXIST` for a device, a pipe or a socket
 */
export async function findFileTarget(path: string): Promise<FileTarget> {
  const stats = await statsOrNone(lstat(path));
  if (stats?.isFile()) return { kind: "file", path, replaces: stats };
  if (stats === undefined || stats.isSymbolicLink()) return { kind: "file", path };
  if (stats.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  throw Object.assign(new Error("it is a device or pipe"), { code: "EEXIST" });
}

/**
 * Where a path leads that the user has named as the output: links are followed, also to devices and pipes.
 *
 * @throws the system's error
 */
export async function findNamedTarget(path: string): Promise<FileTarget | StreamTarget> {
  const end = await statsOrNone(stat(path));
  if (end && !end.isFile() && !end.isDirectory()) return { kind: "stream", path, isPipe: end.isFIFO() };
  let place = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const real = join(await realpath(dirname(place)).catch(() => dirname(place)), basename(place));
    if (end && OPEN_FILES.test(real)) {
      const fd = OWN_OPEN_FILE.exec(real)?.[1];
      return { kind: "stream", path, isPipe: false, ...(fd !== undefined && { fd: Number(fd) }) };
    }
    const stats = await statsOrNone(lstat(place));
    if (!stats?.isSymbolicLink())
      return { kind: "file", path: place, ...(stats?.isFile() && { replaces: stats }) };
    const next = await readlink(place);
    place = isAbsolute(next) ? next : `${dirname(place)}/${next}`; // ".." is the system's to resolve
  }
  throw Object.assign(new Error("its links lead in a circle"), { code: "ELOOP" });
}

async function statsOrNone<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
