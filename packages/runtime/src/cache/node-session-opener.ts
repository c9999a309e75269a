import { createHash } from "node:crypto";
import { join } from "node:path";
import { createNodeSession, type NodeSessionOptions, runtimeVersion } from "../sessions/node-session.js";
import type { SessionOpener } from "../sessions/session-opener.js";
import { graphKeyParts } from "./graph-key.js";
import { openCachedGraph } from "./node-graph-cache.js";

/** Folder of built graphs in the cache folder. */
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
    const path = await openCachedGraph(directory, hash.digest("hex"), graph, load, { signal });
    return createNodeSession(path, device);
  };
}
