import type { Engine, OpenedEngine } from "../database/open-engine.js";
import type { Services } from "../services.js";
import { reportEvent, workHandlers } from "./work-handlers.js";

export interface EngineWorkOptions {
  /** Name of this server, the same after a restart, and of no other server. */
  readonly worker: string;
  /** Tells the operator what goes wrong. */
  readonly report: (message: string) => void;
}

/** Milliseconds that running work has when the server stops; then it is begun again after the next start. */
const DRAIN_MS = 2000;

/**
 * Runs the data engine's work in this server, from when the engine is first opened: work items, and
 * deliveries of webhooks. What an earlier run of this server left unfinished is begun again at once.
 *
 * @returns ends it, gracefully
 */
export function startEngineWork(
  engine: Engine,
  services: Pick<Services, "embeddings" | "limits">,
  { worker, report }: EngineWorkOptions,
): () => Promise<void> {
  const stop = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  engine.onOpen((opened) => {
    running = run(opened, services, { worker, report }, stop.signal).catch((error: unknown) =>
      report(`The data engine's work has stopped: ${(error as Error).message}`),
    );
  });
  return async () => {
    stop.abort();
    await running;
  };
}

async function run(
  { parts, context, privateWebhooks = false }: OpenedEngine,
  { embeddings, limits }: Pick<Services, "embeddings" | "limits">,
  { worker, report }: EngineWorkOptions,
  signal: AbortSignal,
): Promise<void> {
  const library = await import("@segany/data-engine");
  if (signal.aborted) return;
  await parts.workQueue.releaseAll(worker);
  const handlers = workHandlers(library, parts, embeddings, limits.maxEmbeddingBytes);
  await Promise.all([
    library.runWorker(parts.workQueue, handlers, {
      ...{ worker, signal, drainMs: DRAIN_MS },
      onEvent: (event) => reportEvent(event, report),
    }),
    library.runDeliveries(context, {
      signal,
      allowPrivate: privateWebhooks,
      onError: (error) => report(`Webhooks can't be delivered: ${(error as Error).message}`),
    }),
  ]);
}
