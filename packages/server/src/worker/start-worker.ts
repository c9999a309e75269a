import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createEngine, type Engine, type OpenedEngine } from "../database/open-engine.js";
import { openEmbeddingService } from "../embeddings/embedding-service.js";
import { reportEvent } from "../engine-work/report-event.js";
import { StartError } from "../errors.js";
import { openDataFolder } from "../folder/data-folder.js";
import { openImageWorker } from "../images/image-worker.js";
import { openImageStore } from "../images/open-image-store.js";
import { openWorkerPool } from "../inference/worker-pool.js";
import { toParts } from "../models/model-parts.js";
import { openBlobs } from "../open-blobs.js";
import { type Cluster, DEFAULT_LIMITS, type Limits, type WorkerModel } from "../options.js";
import { openProbes } from "./probes.js";
import { createWorkMetrics } from "./work-metrics.js";

export interface WorkerOptions {
  /** Folder of this worker alone, for copies of images and embeddings; created if missing. */
  readonly directory: string;
  /** Address of the data engine's PostgreSQL database, `postgres://…`. */
  readonly databaseUrl: string;
  readonly cluster: Cluster;
  readonly model?: WorkerModel;
  /** Items at the same time, each with a model in a process of its own; 1 by default. */
  readonly concurrency?: number;
  /** Kinds of work to take; all by default. */
  readonly only?: readonly string[] | undefined;
  /** Milliseconds that running items have to end when it is closed; 25,000 by default. */
  readonly drainMs?: number;
  /** Address and port of `/health`, `/ready` and `/metrics`; 0 selects a free port. */
  readonly host?: string;
  readonly port?: number;
  readonly limits?: Partial<Limits>;
  /** Tells the operator what happens. */
  readonly onReport?: (message: string) => void;
}

/** A worker that takes work of the machine. */
export interface RunningWorker {
  /** Unique among all workers. */
  readonly name: string;
  readonly modelName: string;
  /** The kinds of work that it takes. */
  readonly kinds: readonly string[];
  /** Address of the probes and metrics. */
  readonly url: string;
  /** Takes no more items, gives those that run time to end, hands back the rest, and ends the processes. */
  close(): Promise<void>;
}

type Closer = () => Promise<void> | void;

/**
 * Starts a worker: it takes items of the data engine's work, as any number of workers do on other machines.
 *
 * @throws StartError if the address, the folder, the database or a kind of work can't be used; SamError if
 *   the model can't be opened
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const closers: Closer[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await open(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  { directory, databaseUrl, cluster, model = {}, concurrency = 1, ...options }: WorkerOptions,
  closers: Closer[],
): Promise<Omit<RunningWorker, "close">> {
  const { host = "127.0.0.1", port = 0, drainMs = 25_000, onReport: report = () => undefined } = options;
  // What others stored is not evicted: the limit is that of the copies.
  const limits = { ...DEFAULT_LIMITS, ...options.limits, maxEmbeddingBytes: Number.POSITIVE_INFINITY };
  const name = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
  const metrics = createWorkMetrics();
  const probes = await openProbes(host, port, metrics.registry);
  closers.push(probes.close);
  const folder = await openDataFolder(directory, "a worker");
  closers.push(folder.close);
  const engine = createEngine({ url: databaseUrl }, { dispatch: (queue) => cluster.dispatch(queue, report) });
  closers.push(engine.close);
  const { parts, context } = await openParts(engine);
  const blobs = await openBlobs(folder, cluster);
  const images = await openImageStore(blobs, () => undefined);
  const pool = await openWorkerPool(model, concurrency, limits, {
    reservesForClicks: false,
    onWorkerLost: (how, restartMs) =>
      report(`The model's process ended (${how}); restarting it in ${restartMs / 1000} s.`),
  });
  closers.push(pool.close);
  const embeddings = await openEmbeddingService(blobs, images, pool, limits, {
    onDamaged: (key) => report(`"${key}" is damaged; its image is encoded again.`),
  });
  const imageWorker = openImageWorker({ maxPixels: limits.maxPixels });
  closers.push(imageWorker.close);
  const { runWorker } = await import("@segany/data-engine");
  const { workHandlers } = await import("../engine-work/work-handlers.js");
  // Versions of projects' models are in the folder of the server that trains them.
  const own = { version: undefined, embeddings, parts: async () => toParts(pool) };
  const models = { ofProject: async () => own };
  const { model: ofModel, files } = workHandlers(parts, context, {
    ...{ blobs, images, imageWorker, models, pool, limits, directory: folder.path },
  });
  const handlers = onlyKinds({ ...ofModel, ...files }, options.only);
  const stop = new AbortController();
  const running = runWorker(parts.workQueue, handlers, {
    ...{ worker: name, signal: stop.signal, concurrency, drainMs },
    onEvent(event) {
      metrics.count(event);
      reportEvent(event, report);
    },
  });
  closers.push(async () => {
    probes.setReady(false);
    stop.abort();
    await running;
  });
  probes.setReady(true);
  return { name, modelName: pool.model.name, kinds: Object.keys(handlers), url: probes.url };
}

/** @throws StartError `database-unusable` */
async function openParts(engine: Engine): Promise<OpenedEngine> {
  try {
    await engine.open();
  } catch (cause) {
    throw new StartError("database-unusable", (cause as Error).message, { cause });
  }
  return new Promise((resolve) => engine.onOpen(resolve));
}

/** @throws StartError `kind-unknown` */
function onlyKinds<T>(handlers: Readonly<Record<string, T>>, only: readonly string[] | undefined) {
  const unknown = only?.find((kind) => !Object.hasOwn(handlers, kind));
  if (unknown !== undefined)
    throw new StartError(
      "kind-unknown",
      `A worker does no work of the kind "${unknown}"; kinds are ${Object.keys(handlers).join(", ")}.`,
    );
  return only ? Object.fromEntries(only.map((kind) => [kind, handlers[kind]!])) : handlers;
}
