/**
 * Packed copies of built graphs: optimised by ONNX Runtime, with the weights in the order that this
 * processor's kernels read. They open in a third of the time, and hold for one processor, one number of
 * threads and one version.
 */
import { createHash } from "node:crypto";
import { mkdir, stat, statfs } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import type { Value } from "@segany/graph";
import { tellIfVerbose } from "../files/node-verbose.js";
import { createNodeSession, type NodeSessionOptions } from "../sessions/node-session.js";
import type { RunTensor, Session } from "../sessions/types.js";
import {
  listCachedGraphs,
  MODEL_FILE,
  moveIntoPlace,
  packedEntry,
  packingFolder,
  refuseSharedFolder,
  removeEntry,
  STALE_MS,
  touch,
  WEIGHTS_FILE,
} from "./node-graph-cache.js";
import { isIntact, writeManifest } from "./node-manifest.js";
import { describeProcessor } from "./node-processor.js";
import { sampleFeeds } from "./sample-feeds.js";

/** Raised by hand when packed copies are made in another way. */
const PACKING_VERSION = 1;
/** A packed copy has up to twice the size of the graph: all values may be there in two orders. */
const GROWTH = 2.2;
/** Below it, opening takes no time worth saving. */
const LEAST_BYTES = 2 ** 20;

/** A graph in the cache, and the device it is packed for. */
export interface PackingTask {
  /** The folder of built graphs. */
  readonly directory: string;
  readonly key: string;
  /** The graph's inputs. */
  readonly inputs: readonly Value[];
  readonly device: NodeSessionOptions;
}

/**
 * Whether a device may have packed copies: the processor, not under a profiler, which shows the graph as it
 * is built.
 */
export function hasPackedCopies({ device = "cpu", profilePrefix }: NodeSessionOptions): boolean {
  return device === "cpu" && profilePrefix === undefined;
}

/**
 * The name of a graph's packed copy in the folder of built graphs; another one for whatever it depends on.
 */
export function packedName(
  { key, device }: Pick<PackingTask, "key" | "device">,
  processor = describeProcessor(),
): string {
  const { threads = 0, widenInt8 = false } = device;
  const settings = JSON.stringify([PACKING_VERSION, processor, threads, widenInt8]);
  return packedEntry(key, createHash("sha256").update(settings).digest("hex").slice(0, 16));
}

/**
 * Opens the packed copy; undefined if there is none that can be trusted, in which case what there is goes.
 *
 * @throws SamError `cache-failed` when others can write to the folder
 */
export async function openPackedGraph(task: PackingTask): Promise<Session | undefined> {
  const name = packedName(task);
  const folder = join(task.directory, name);
  if (!(await exists(folder))) return undefined;
  await refuseSharedFolder(task.directory);
  try {
    if (await isIntact(folder)) {
      const session = await createNodeSession(join(folder, MODEL_FILE), { ...task.device, isPacked: true });
      await Promise.all([folder, join(task.directory, task.key)].map(touch));
      tellIfVerbose(`opened the packed copy ${name}`);
      return session;
    }
    tellIfVerbose(`the packed copy ${name} is not as it was written: it is removed, and will be made again`);
  } catch (error) {
    tellIfVerbose(`the packed copy ${name} cannot be opened and is removed: ${String(error)}`);
  }
  await removeEntry(folder);
  return undefined;
}

/**
 * Whether it makes sense to pack a graph: it is large enough, there is room, and nobody is at it or has
 * failed.
 */
export async function isWorthPacking(task: PackingTask, limitBytes: number): Promise<boolean> {
  const { directory, key } = task;
  const bytes = await sizeOf(join(directory, key, WEIGHTS_FILE));
  if (bytes < LEAST_BYTES || (await isTaken(task))) return false;
  const held = (await listCachedGraphs(directory)).reduce((total, entry) => total + entry.bytes, 0);
  const { bavail, bsize } = await statfs(directory);
  const needed = GROWTH * bytes;
  return held + needed <= limitBytes && 2 * needed < bavail * bsize && 2 * needed < freemem();
}

/**
 * Makes the packed copy of a graph in the cache. To be called in a process to be thrown away: ONNX Runtime
 * may crash on a file that it wrote itself, so the copy gets its name only after it has computed the same as
 * the graph. The folder in which it is made keeps other processes from making it too, and after a failure
 * from trying again, for a day.
 *
 * @returns whether it has been made
 */
export async function packGraph(task: PackingTask): Promise<boolean> {
  const { directory, key, device } = task;
  const name = packedName(task);
  const partial = packingFolder(directory, name);
  if (await isTaken(task)) return false;
  await removeEntry(partial);
  const isOurs = await mkdir(partial).then(
    () => true,
    () => false,
  );
  if (!isOurs) return false;
  try {
    const feeds = sampleFeeds(task.inputs);
    const built = await computeOnce(join(directory, key, MODEL_FILE), feeds, {
      ...device,
      packInto: partial,
    });
    const packed = await computeOnce(join(partial, MODEL_FILE), feeds, { ...device, isPacked: true });
    if (!isEqual(built, packed)) throw new Error(`${name} computes something else than the graph.`);
    await writeManifest(partial, [MODEL_FILE, WEIGHTS_FILE]);
  } catch (error) {
    await removeEntry(partial);
    await mkdir(partial);
    throw error;
  }
  await moveIntoPlace(partial, join(directory, name));
  return true;
}

/** Whether the copy is there, being made, or could not be made within a day. */
async function isTaken(task: PackingTask): Promise<boolean> {
  const name = packedName(task);
  if (await exists(join(task.directory, name))) return true;
  const begun = await stat(packingFolder(task.directory, name)).catch(() => undefined);
  return begun !== undefined && Date.now() - begun.mtimeMs < STALE_MS;
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

type Tensors = Readonly<Record<string, RunTensor>>;

async function computeOnce(model: string, feeds: Tensors, options: NodeSessionOptions): Promise<Tensors> {
  const session = await createNodeSession(model, options);
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

/** The same kernels on the same values: the results are the same to the last bit. */
function isEqual(a: Tensors, b: Tensors): boolean {
  return Object.entries(a).every(([name, { data }]) => {
    const other = b[name]?.data;
    return other !== undefined && Buffer.compare(bytesOf(data), bytesOf(other)) === 0;
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
