import { spawn } from "node:child_process";
import { statfs } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { tellIfVerbose } from "../files/node-verbose.js";
import { DEFAULT_CACHE_LIMIT_BYTES, listCachedGraphs } from "./node-graph-cache.js";
import { isWorthPacking, type PackingTask } from "./node-packed-graph.js";

/** The variable that keeps processes from having packed copies made, when it is "0". */
const PACKING_VARIABLE = "SEGANY_PACK";

/**
 * Has a packed copy made by a process of its own, which may crash without harm, gives way to all others, and
 * outlives this one: a command ends before its model is packed. Never fails.
 */
export async function packLater(task: PackingTask): Promise<void> {
  if (isForbidden()) return;
  const isWorth = await isWorthPacking(task, DEFAULT_CACHE_LIMIT_BYTES).catch(() => false);
  if (!isWorth) return;
  const main = fileURLToPath(new URL("./node-pack-main.js", import.meta.url));
  const child = spawn(process.execPath, [main, JSON.stringify(task)], {
    cwd: task.directory,
    detached: true,
    stdio: "ignore",
    windowsHide: true,
  });
  child.once("error", () => {}); // it is tried again when the graph is opened again
  child.unref();
  tellIfVerbose(`a packed copy of ${task.key} is being made for the next time`);
}

const isForbidden = () => process.env[PACKING_VARIABLE] === "0";

/** Whether packed copies are made here, for people. */
export interface PackingFinding {
  readonly made: boolean;
  /** Why not, or when and how many there are. */
  readonly reason: string;
}

/**
 * Finds out whether packed copies are made here, and how many there are.
 *
 * @param directory of built graphs
 *
 * @example
 * import { cacheDirectory } from "@segany/runtime/files";
 *
 * const { made, reason } = await findPacking(graphCacheDirectory(cacheDirectory()));
 * console.log(made ? "packed" : "not packed", reason);
 */
export async function findPacking(directory: string): Promise<PackingFinding> {
  if (isForbidden()) return { made: false, reason: `${PACKING_VARIABLE} is 0` };
  const count = (await listCachedGraphs(directory)).filter(({ isPacked }) => isPacked).length;
  const { bavail, bsize } = await statfs(directory).catch(() => ({ bavail: 0, bsize: 0 }));
  const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free for more`;
  return { made: true, reason: `in the background when a model is opened again; ${count} here, ${free}` };
}
