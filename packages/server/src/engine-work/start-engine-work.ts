import type { WorkerEvent } from "@segany/data-engine";
import type { Engine, OpenedEngine } from "../database/open-engine.js";
import type { Services } from "../services.js";
import { type RetrainPlace, trainInProcess } from "./retrain-process.js";
import { reportEvent, workHandlers } from "./work-handlers.js";

export interface EngineWorkOptions {
  /** Name of this server, the same after a restart, and of no other server. */
  readonly worker: string;
  /** Tells the operator what goes wrong. */
  readonly report: (message: string) => void;
  /** With what model versions are trained; without it, they wait for another worker. */
  readonly retraining?: Omit<RetrainPlace, "location">;
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
  services: Pick<Services, "models" | "limits">,
  options: EngineWorkOptions,
): () => Promise<void> {
  const stop = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  engine.onOpen((opened) => {
    running = run(opened, services, options, stop.signal).catch((error: unknown) =>
      options.report(`The data engine's work has stopped: ${(error as Error).message}`),
    );
  });
  return async () => {
    stop.abort();
    await running;
  };
}

async function run(
  { parts, context, location, privateWebhooks = false }: OpenedEngine,
  { models, limits }: Pick<Services, "models" | "limits">,
  { worker, report, retraining }: EngineWorkOptions,
  signal: AbortSignal,
): Promise<void> {
  const library = await import("@segany/data-engine");
  const { createRetrainWork, DataEngineError, RETRAIN, runWorker } = library;
  if (signal.aborted) return;
  const trainer = `${worker}, training`; // beside the other work, which does not wait for it
  for (const name of [worker, trainer]) await parts.workQueue.releaseAll(name);
  const work = { signal, drainMs: DRAIN_MS, onEvent: (event: WorkerEvent) => reportEvent(event, report) };
  const embeddingsOf = async (project: string | null) =>
    (project === null ? models.own : await models.ofProject(project)).embeddings;
  const handlers = workHandlers(library, parts, embeddingsOf, limits.maxEmbeddingBytes);
  await Promise.all([
    runWorker(parts.workQueue, handlers, { ...work, worker }),
    retraining &&
      runWorker(
        parts.workQueue,
        {
          [RETRAIN]: createRetrainWork(context, trainInProcess({ ...retraining, location }, DataEngineError)),
        },
        { ...work, worker: trainer },
      ),
    library.runDeliveries(context, {
      signal,
      allowPrivate: privateWebhooks,
      onError: (error) => report(`Webhooks can't be delivered: ${(error as Error).message}`),
    }),
  ]);
}
