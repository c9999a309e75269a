import { createLruMap } from "./lru-map.js";

/** Most clients that are remembered. */
const MAX_CLIENTS = 1024;

/**
 * Orders clients: the one that was served longest ago is next, so that one with many requests delays no
 * other.
 */
export interface ClientTurns {
  /** Compares clients by when they were served, for `Array.prototype.sort`. */
  compare(a: string | undefined, b: string | undefined): number;
  serve(client: string | undefined): void;
}

/** Requests without a client, such as jobs of an earlier run, count as those of one more client. */
export function createClientTurns(): ClientTurns {
  const served = createLruMap<string, number>(MAX_CLIENTS);
  let turn = 0;
  const lastTurn = (client = "") => served.get(client) ?? 0;
  return {
    compare: (a, b) => lastTurn(a) - lastTurn(b),
    serve: (client = "") => served.set(client, ++turn),
  };
}
