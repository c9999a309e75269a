import type { Graph, WeightLoader } from "@segany/graph";
import type { Session } from "./types.js";

/**
 * Opens a graph on the device, from the cache of built graphs or by building it. Each platform has its own.
 */
export type SessionOpener = (graph: Graph, load: WeightLoader, signal?: AbortSignal) => Promise<Session>;
