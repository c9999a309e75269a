import type { WorkerEvent, WorkHandlers } from "@segany/data-engine";
import type { Engine, OpenedEngine } from "../database/open-engine.js";
import { type ModelPlace, workInProcess } from "./model-process.js";
import { reportEvent } from "./report-event.js";
import type { WorkServices } from "./work-services.js";

export interface EngineWorkOptions {
  /** Name of this server, the same after a restart, and of no other server. */
  readonly worker: string;
  /** Tells the operator what goes wrong. */
  readonly report: (message: string) => void;
  /** What projects' models are trained and run with; without it, that work waits for another worker. */
  readonly modelPlace?: Omit<ModelPlace, "location">;
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
  services: WorkServices,
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
  services: WorkServices,
  { worker, report, modelPlace }: EngineWorkOptions,
  signal: AbortSignal,
): Promise<void> {
  const library = await import("@segany/data-engine");
  const { workHandlers } = await import("./work-handlers.js"); // loads the data engine, too
  const { runWorker } = library;
  if (signal.aborted) return;
  // Beside the other work, which does not wait for them.
  const [modelWorker, porter] = [`${worker}, models`, `${worker}, files`];
  for (const name of [worker, modelWorker, porter]) await parts.workQueue.releaseAll(name);
  const work = { signal, drainMs: DRAIN_MS, onEvent: (event: WorkerEvent) => reportEvent(event, report) };
  const { model, files } = workHandlers(parts, context, services);
  await Promise.all([
    runWorker(parts.workQueue, model, { ...work, worker }),
    runWorker(parts.workQueue, files, { ...work, worker: porter }),
    modelPlace &&
      runWorker(parts.workQueue, modelHandlers(library, context, { ...modelPlace, location }), {
        ...work,
        worker: modelWorker,
      }),
    library.runDeliveries(context, {
      signal,
      allowPrivate: privateWebhooks,
      onError: (error) => report(`Webhooks can't be delivered: ${(error as Error).message}`),
    }),
  ]);
}

/** Work that takes long and much memory: one at a time. */
function modelHandlers(
  library: typeof import("@segany/data-engine"),
  context: OpenedEngine["context"],
  place: ModelPlace,
): WorkHandlers {
  const { createRetrainWork, createStageWork, DataEngineError, RETRAIN, STAGE } = library;
  const { train, label } = workInProcess(place, DataEngineError);
  return { [RETRAIN]: createRetrainWork(context, train), [STAGE]: createStageWork(context, label) };
}
