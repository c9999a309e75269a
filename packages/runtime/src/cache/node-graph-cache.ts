/**
 * Built graphs on disk: a folder each, written beside and renamed, so that a reader sees a whole one or none.
 */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Graph, WeightLoader } from "@segany/graph";
import { type WeightSink, writeModelWithExternalData } from "@segany/graph/onnx";
import { SamError } from "@segany/masks";
import { whyShared } from "../files/node-own-files.js";
import { isIntact, MANIFEST_FILE, writeManifest } from "./node-manifest.js";

export const MODEL_FILE = "model.onnx";
export const WEIGHTS_FILE = "weights.bin";
/** A folder that is being written has this ending, and is left over if it is older than a day. */
const PARTIAL = ".partial";
export const STALE_MS = 24 * 3600 * 1000;
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const LEFT_OVER = new RegExp(`^[0-9a-f]{64}(?:\\.packed-[0-9a-f]{16})?(?:\\.${UUID})?\\.partial$`);
/** What we write into an entry; the last is a file that was not finished. */
const OWN_FILE = new RegExp(`^(?:${[MODEL_FILE, WEIGHTS_FILE, MANIFEST_FILE].join("|")}|\\.${UUID}\\.tmp)$`);
const ENTRY = /^[0-9a-f]{64}(?:\.packed-[0-9a-f]{16})?$/;
/** What `rename` fails with where something is at the target already (`EPERM` on Windows). */
const OCCUPIED = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM"]);
/** A failure means that another process has placed an entry meanwhile, which doesn't go on for ever. */
const MOST_ATTEMPTS = 100;

const PACKED = ".packed-";

/** The name of a graph's packed copy. @param id 16 hex digits for what it depends on */
export function packedEntry(key: string, id: string): string {
  return `${key}${PACKED}${id}`;
}

/** The folder in which a packed copy is made: there is one, so that one process makes it. */
export function packingFolder(directory: string, name: string): string {
  return join(directory, `${name}${PARTIAL}`);
}

/**
 * How much of the disk built graphs may take before the least recently used go: four of the largest model.
 */
export const DEFAULT_CACHE_LIMIT_BYTES = 12 * 2 ** 30;

/** One built graph, or a packed copy. */
export interface CacheEntry {
  /** The graph's, and for a packed copy what it is for: its name in the folder. */
  readonly key: string;
  readonly isPacked: boolean;
  readonly bytes: number;
  readonly lastUsed: Date;
}

export interface BuildOptions {
  readonly limitBytes?: number;
  /** Called if the graph was built, not found. */
  readonly onBuilt?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The path of a built graph's model file; builds it if it is not there or not what was built. Two processes
 * may build the same graph at once: the first to finish wins and the other's is thrown away.
 *
 * @param key 64 hex digits that stand for everything the result depends on
 * @throws SamError `cache-failed` when the folder cannot be written, or others can write to it
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { relu } from "@segany/graph/ops";
 * const g = createGraphBuilder("relu", new Map());
 * g.output("y", relu(g, g.input("x", "float32", [3])));
 * const noWeights = () => Promise.reject(new Error("This graph has no weights."));
 * const path = await openCachedGraph("graphs", "0".repeat(64), g.finish(), noWeights);
 * const session = await createNodeSession(path);
 * const { y } = await session.run({ x: { dtype: "float32", shape: [3], data: Float32Array.of(-1, 0, 2) } });
 * console.log(y?.data); // Float32Array(3) [ 0, 0, 2 ]
 * await session.close();
 */
export async function openCachedGraph(
  directory: string,
  key: string,
  graph: Graph,
  load: WeightLoader,
  { limitBytes = DEFAULT_CACHE_LIMIT_BYTES, onBuilt, signal }: BuildOptions = {},
): Promise<string> {
  const folder = join(directory, key);
  const model = join(folder, MODEL_FILE);
  await refuseSharedFolder(directory);
  if (await isIntact(folder)) {
    await touch(folder);
    return model;
  }
  const partial = join(directory, `${key}.${randomUUID()}${PARTIAL}`);
  try {
    await mkdir(partial, { recursive: true });
    const checksum = await buildInto(partial, graph, load, signal);
    await writeManifest(partial, [MODEL_FILE, WEIGHTS_FILE], { [WEIGHTS_FILE]: checksum });
    await moveIntoPlace(partial, folder);
  } catch (error) {
    await removeEntry(partial); // the first error is the one to tell
    if (error instanceof SamError) throw error;
    throw new SamError(
      "cache-failed",
      `The built model cannot be kept in ${directory} (${reasonOf(error)}). Free some space, or name another folder in SEGANY_CACHE.`,
      { cause: error },
    );
  }
  await evict(directory, limitBytes, key);
  onBuilt?.();
  return model;
}

/** @returns the CRC-32 of the weights */
async function buildInto(
  folder: string,
  graph: Graph,
  load: WeightLoader,
  signal: AbortSignal | undefined,
): Promise<number> {
  const weights = await open(join(folder, WEIGHTS_FILE), "wx");
  try {
    let checksum = 0;
    const sink: WeightSink = async (bytes) => {
      for (let written = 0; written < bytes.byteLength; ) {
        written += (await weights.write(bytes, written)).bytesWritten;
      }
      checksum = crc32(bytes, checksum);
    };
    const model = await writeModelWithExternalData(graph, load, WEIGHTS_FILE, sink, signal);
    await weights.sync();
    await writeFile(join(folder, MODEL_FILE), model);
    return checksum;
  } finally {
    await weights.close();
  }
}

/**
 * What is there is kept if it is whole, and else makes room. Many processes may do this at once: a folder is
 * moved aside only after it was found in the way and damaged, so the entry that one of them has placed stays
 * where it is.
 */
export async function moveIntoPlace(partial: string, folder: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const failure = await errorOf(rename(partial, folder));
    if (!failure) return;
    if (!OCCUPIED.has(failure.code ?? "") || attempt === MOST_ATTEMPTS) throw failure;
    if (await isIntact(folder)) return removeEntry(partial);
    const aside = `${folder}.${randomUUID()}${PARTIAL}`;
    if (!(await errorOf(rename(folder, aside)))) await removeEntry(aside);
  }
}

function errorOf(work: Promise<void>): Promise<NodeJS.ErrnoException | undefined> {
  return work.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
}

/**
 * Looks at all that is kept, byte for byte, and removes what isn't as it was built: it is built again when it
 * is needed.
 *
 * @returns the keys of what was removed
 *
 * @example
 * console.log(await removeDamagedGraphs("no-such-folder")); // []
 */
export async function removeDamagedGraphs(directory: string): Promise<string[]> {
  const removed: string[] = [];
  for (const { key } of await listCachedGraphs(directory)) {
    if (await isIntact(join(directory, key), "whole")) continue;
    await removeEntry(join(directory, key));
    removed.push(key);
  }
  return removed;
}

/** Others could put their weights in place of the model's. */
export async function refuseSharedFolder(directory: string): Promise<void> {
  const stats = await stat(directory).catch(() => undefined);
  const reason = stats && whyShared(stats);
  if (!reason) return;
  throw new SamError(
    "cache-failed",
    `The cache folder ${directory} ${reason}, who could change the models in it. Make it yours alone (chmod o-w, chown), or name another folder in SEGANY_CACHE.`,
  );
}

/**
 * What the cache holds, least recently used first.
 *
 * @example
 * console.log(await listCachedGraphs("no-such-folder")); // []
 */
export async function listCachedGraphs(directory: string): Promise<CacheEntry[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  const entries = await Promise.all(
    names.filter((name) => ENTRY.test(name)).map((key) => describe(directory, key)),
  );
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => a.lastUsed.getTime() - b.lastUsed.getTime());
}

/**
 * Removes built graphs, and what broken-off builds have left; returns the bytes that were freed.
 *
 * @example
 * console.log(await clearCachedGraphs("no-such-folder")); // 0
 */
export async function clearCachedGraphs(directory: string): Promise<number> {
  const entries = await listCachedGraphs(directory);
  for (const { key } of entries) await removeEntry(join(directory, key));
  await removeLeftovers(directory, 0);
  return entries.reduce((total, entry) => total + entry.bytes, 0);
}

async function describe(directory: string, key: string): Promise<CacheEntry | undefined> {
  try {
    const folder = join(directory, key);
    const stats = await lstat(folder);
    const files = (await readdir(folder)).filter((name) => OWN_FILE.test(name));
    if (!stats.isDirectory() || files.length === 0) return undefined;
    const sizes = await Promise.all(files.map(async (name) => (await lstat(join(folder, name))).size));
    return {
      key,
      isPacked: key.includes(PACKED),
      bytes: sizes.reduce((a, b) => a + b, 0),
      lastUsed: stats.mtime,
    };
  } catch {
    return undefined; // another process has just removed it
  }
}

/** Packed copies go first: only the next opening takes longer without them. */
async function evict(directory: string, limitBytes: number, keep: string): Promise<void> {
  await removeLeftovers(directory, STALE_MS);
  const listed = await listCachedGraphs(directory);
  const entries = [
    ...listed.filter(({ isPacked }) => isPacked),
    ...listed.filter(({ isPacked }) => !isPacked),
  ];
  let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries) {
    if (total <= limitBytes) return;
    if (entry.key === keep) continue;
    await removeEntry(join(directory, entry.key));
    total -= entry.bytes;
  }
}

async function removeLeftovers(directory: string, olderThanMs: number): Promise<void> {
  for (const name of await readdir(directory).catch(() => [] as string[])) {
    if (!LEFT_OVER.test(name)) continue;
    const path = join(directory, name);
    const info = await stat(path).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs >= olderThanMs) await removeEntry(path);
  }
}

/** Removes an entry: the files that are ours, and the folder if nothing else is in it. Never fails. */
export async function removeEntry(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) return await rm(path); // a link
    for (const name of await readdir(path)) if (OWN_FILE.test(name)) await rm(join(path, name));
    await rmdir(path);
  } catch {
    // Something else is in it, or another process removes it too.
  }
}

/** The folder's time tells when it was last used; a cache that cannot be written still serves. */
export async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
