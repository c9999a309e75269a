import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Graph, WeightLoader } from "@segany/graph";
import { SamError } from "@segany/masks";
import { tellIfVerbose } from "../files/node-verbose.js";
import { createNodeSession, type NodeSessionOptions, runtimeVersion } from "../sessions/node-session.js";
import type { SessionOpener } from "../sessions/session-opener.js";
import type { Session } from "../sessions/types.js";
import { graphKeyParts } from "./graph-key.js";
import { openCachedGraph, removeEntry } from "./node-graph-cache.js";
import { isIntact } from "./node-manifest.js";
import { packLater } from "./node-pack-later.js";
import { hasPackedCopies, openPackedGraph } from "./node-packed-graph.js";

const RUNTIME_ERRORS: ReadonlySet<string> = new Set(["device-unavailable", "inference-failed"]);

/**
 * Folder of built graphs in the cache folder.
 *
 * @example
 * import { cacheDirectory } from "@segany/runtime/files";
 * console.log(graphCacheDirectory(cacheDirectory()).startsWith(cacheDirectory())); // true
 */
export function graphCacheDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, "graphs");
}

export interface SessionOpenerOptions {
  /** Whether a graph that is opened for the second time is packed in the background. */
  readonly packs?: boolean;
}

/**
 * Opens graphs of one checkpoint from the cache, packed or as they were built, or builds them.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { relu } from "@segany/graph/ops";
 *
 * const g = createGraphBuilder("relu", new Map());
 * g.output("y", relu(g, g.input("x", "float32", [3])));
 * const open = sessionOpener(resolveDevice(), "cache", "0".repeat(64));
 * const session = await open(g.finish(), () => Promise.reject(new Error("This graph has no weights.")));
 * console.log(session.outputNames); // [ 'y' ]
 * await session.close();
 */
export function sessionOpener(
  device: NodeSessionOptions,
  cacheDirectory: string,
  checkpointSha256: string,
  { packs = false }: SessionOpenerOptions = {},
): SessionOpener {
  const directory = graphCacheDirectory(cacheDirectory);
  return async (graph, load, signal) => {
    const key = keyOf(graph, checkpointSha256);
    if (!hasPackedCopies(device)) return openBuilt(directory, key, device, { graph, load, signal });
    const task = { directory, key, inputs: graph.inputs, device };
    const packed = await openPackedGraph(task);
    if (packed) return packed;
    let isNew = false;
    const onBuilt = () => {
      isNew = true;
    };
    const session = await openBuilt(directory, key, device, { graph, load, signal, onBuilt });
    if (packs && !isNew) await packLater(task);
    return session;
  };
}

function keyOf(graph: Graph, checkpointSha256: string): string {
  const hash = createHash("sha256");
  for (const part of graphKeyParts(graph, checkpointSha256, runtimeVersion)) hash.update(part);
  return hash.digest("hex");
}

interface Build {
  readonly graph: Graph;
  readonly load: WeightLoader;
  readonly signal: AbortSignal | undefined;
  readonly onBuilt?: () => void;
}

async function openBuilt(
  directory: string,
  key: string,
  device: NodeSessionOptions,
  { graph, load, ...options }: Build,
): Promise<Session> {
  const open = async () =>
    createNodeSession(await openCachedGraph(directory, key, graph, load, options), device);
  try {
    const session = await open();
    tellIfVerbose(`opened the built model ${key}`);
    return session;
  } catch (error) {
    // Samples don't show every damage: all is looked at before the runtime's reason is believed.
    const isOfRuntime = error instanceof SamError && RUNTIME_ERRORS.has(error.code);
    if (!isOfRuntime || (await isIntact(join(directory, key), "whole"))) throw error;
    await removeEntry(join(directory, key));
    return open();
  }
}
