/**
 * A note beside the lock about the server that uses a data folder, for the error message of a second server.
 * It is informative only.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const NAME = "server.json";

const holderSchema = z.object({ address: z.string(), pid: z.int(), host: z.string() });

/** Writes the note. Errors, such as a full disk, are ignored. */
export async function writeHolder(root: string, address: string): Promise<void> {
  const holder: z.infer<typeof holderSchema> = { address, pid: process.pid, host: hostname() };
  await writeFile(join(root, NAME), `${JSON.stringify(holder)}\n`).catch(() => undefined);
}

export async function removeHolder(root: string): Promise<void> {
  await rm(join(root, NAME), { force: true }).catch(() => undefined);
}

/** "http://127.0.0.1:8765 (process 123 on mymachine)", or "another process" without a readable note. */
export async function describeHolder(root: string): Promise<string> {
  try {
    const text = await readFile(join(root, NAME), "utf8");
    const { address, pid, host } = holderSchema.parse(JSON.parse(text));
    return `${address} (process ${pid} on ${host})`;
  } catch {
    return "another process";
  }
}
