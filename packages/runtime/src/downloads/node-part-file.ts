import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { SamError } from "@segany/masks";
import { reasonOf } from "./request-range.js";

const FOREIGN_STALE_MS = 3600 * 1000;

/**
 * A file that is being downloaded. While it is written it has a name of its own, so that no other download
 * touches it.
 */
export interface PartFile {
  readonly path: string;
  /** Bytes it holds. */
  readonly sizeBytes: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Throws away what it holds. */
  reset(): Promise<void>;
  /** Gives it its final name, whole and on the disk. */
  finish(): Promise<void>;
  /** Leaves it as `<file>.part`, for a later download to go on with; an empty one is removed. Never fails. */
  leave(): Promise<void>;
}

/**
 * Opens the part file of a download: one left by an earlier download where there is one, else a new one.
 *
 * A part lies at `<file>.part` and is claimed by renaming it to `<file>.<host>-<process>-<uuid>.part`, which
 * only one of several downloads can do; the others begin anew. One whose process has died is claimed in the
 * same way.
 *
 * @param target path the file will have in the end
 * @throws SamError `file-unwritable`
 */
export async function openPartFile(target: string): Promise<PartFile> {
  const path = `${target}.${hostname()}-${process.pid}-${randomUUID()}.part`;
  const handle = await writing(target, async () => {
    await mkdir(dirname(target), { recursive: true });
    for (const left of await partsLeft(target)) {
      if (await claim(left, path)) break;
    }
    return open(
      path,
      constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0),
    );
  });
  const { size } = await handle.stat();
  return partFile(target, path, handle, size);
}

function partFile(target: string, path: string, handle: FileHandle, size: number): PartFile {
  return {
    path,
    get sizeBytes() {
      return size;
    },
    async append(bytes) {
      await writing(target, () => handle.appendFile(bytes));
      size += bytes.byteLength;
    },
    async reset() {
      await writing(target, () => handle.truncate(0));
      size = 0;
    },
    async finish() {
      await writing(target, async () => {
        await handle.sync();
        await handle.close();
        await rename(path, target);
      });
    },
    async leave() {
      // It is called after a failure, which must not be hidden by another; a part left under its own name is
      // found too.
      await handle.close().catch(() => undefined);
      const done = size === 0 ? rm(path, { force: true }) : rename(path, `${target}.part`);
      await done.catch(() => undefined);
    },
  };
}

/** Parts that nobody is writing: the one at rest, and those of processes that are gone. */
async function partsLeft(target: string): Promise<string[]> {
  const folder = dirname(target);
  const prefix = `${basename(target)}.`;
  const parts = [`${target}.part`];
  for (const name of await readdir(folder)) {
    const owner =
      name.startsWith(prefix) && /^(.+)-(\d+)-[0-9a-f-]{36}\.part$/.exec(name.slice(prefix.length));
    if (owner && (await isAbandoned(join(folder, name), owner[1]!, Number(owner[2]))))
      parts.push(join(folder, name));
  }
  return parts;
}

/**
 * Whether a part's process is gone; of another machine's processes (a shared folder) only the file's age can
 * tell.
 */
async function isAbandoned(path: string, host: string, processId: number): Promise<boolean> {
  if (host === hostname()) return !isAlive(processId);
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > FOREIGN_STALE_MS;
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // It is there, but belongs to someone else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A link is none of ours: what it leads to would be written. */
async function claim(left: string, path: string): Promise<boolean> {
  try {
    if (!(await lstat(left)).isFile()) return false;
    await rename(left, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function writing<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new SamError(
      "file-unwritable",
      `Cannot write ${target}: ${reasonOf(cause)}. Free some space, or name another folder in SEGANY_CACHE.`,
      { cause },
    );
  }
}
