import type { Graph, WeightLoader } from "../graph/types.js";
import type { Session } from "../platform/types.js";

/** Opens a graph on the device, from the cache of built graphs or by building it. Each platform has its own. */
export type SessionOpener = (graph: Graph, load: WeightLoader, signal?: AbortSignal) => Promise<Session>;
