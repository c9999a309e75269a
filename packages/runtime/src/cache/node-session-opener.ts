import { createHash } from "node:crypto";
import { join } from "node:path";
import { SamError } from "@segany/masks";
import { createNodeSession, type NodeSessionOptions, runtimeVersion } from "../sessions/node-session.js";
import type { SessionOpener } from "../sessions/session-opener.js";
import { graphKeyParts } from "./graph-key.js";
import { openCachedGraph, removeEntry } from "./node-graph-cache.js";
import { isIntact } from "./node-manifest.js";

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

/** Opens graphs of one checkpoint from the cache of built graphs, or builds them. */
export function sessionOpener(
  device: NodeSessionOptions,
  cacheDirectory: string,
  checkpointSha256: string,
): SessionOpener {
  return async (graph, load, signal) => {
    const hash = createHash("sha256");
    for (const part of graphKeyParts(graph, checkpointSha256, runtimeVersion)) hash.update(part);
    const directory = graphCacheDirectory(cacheDirectory);
    const key = hash.digest("hex");
    const open = async () =>
      createNodeSession(await openCachedGraph(directory, key, graph, load, { signal }), device);
    try {
      return await open();
    } catch (error) {
      // Samples don't show every damage: all is looked at before the runtime's reason is believed.
      const isOfRuntime = error instanceof SamError && RUNTIME_ERRORS.has(error.code);
      if (!isOfRuntime || (await isIntact(join(directory, key), "whole"))) throw error;
      await removeEntry(join(directory, key));
      return open();
    }
  };
}
