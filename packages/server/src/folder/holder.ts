/**
 * A note beside the lock about the server that uses a data folder, for the error message of a second server.
 * It is informative only.
 */
import { lstat, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "@segany/runtime/files";
import { z } from "zod";

const NAME = "server.json";

const holderSchema = z.object({ address: z.string(), pid: z.int(), host: z.string() });

type Holder = z.infer<typeof holderSchema>;

/** Writes the note, unless another file has its name. Errors, such as a full disk, are ignored. */
export async function writeHolder(root: string, address: string): Promise<void> {
  const path = join(root, NAME);
  const holder: Holder = { address, pid: process.pid, host: hostname() };
  if (await isFree(path)) await writeFileAtomic(path, `${JSON.stringify(holder)}\n`).catch(() => undefined);
}

export async function removeHolder(root: string): Promise<void> {
  const path = join(root, NAME);
  if (await readHolder(path)) await rm(path, { force: true }).catch(() => undefined);
}

/** "http://127.0.0.1:8765 (process 123 on mymachine)", or "another process" without a readable note. */
export async function describeHolder(root: string): Promise<string> {
  const holder = await readHolder(join(root, NAME));
  return holder ? `${holder.address} (process ${holder.pid} on ${holder.host})` : "another process";
}

/** Whether there is nothing, or the note of a server that was killed. */
async function isFree(path: string): Promise<boolean> {
  return (await readHolder(path)) !== undefined || (await lstat(path).catch(() => undefined)) === undefined;
}

/** Reads a note; links are not followed. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return undefined;
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
