import { randomBytes, randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import type { ModelOpening } from "@segany/data-engine";
import { createApp } from "./app.js";
import { createEngine, type Engine, type EngineOptions } from "./database/open-engine.js";
import { type OtherEncoder, openEmbeddingService } from "./embeddings/embedding-service.js";
import { startEngineWork } from "./engine-work/start-engine-work.js";
import { StartError } from "./errors.js";
import { openDataFolder } from "./folder/data-folder.js";
import { ENGINE_FILE } from "./folder/own-names.js";
import { openListener } from "./http/listener.js";
import { createLocalClassStore } from "./images/class-store.js";
import { openImageWorker } from "./images/image-worker.js";
import { createLocalKeptMaskStore } from "./images/local-kept-mask-store.js";
import { openImageStore } from "./images/open-image-store.js";
import { receiveUpload } from "./images/receive-upload.js";
import { createRenditions } from "./images/renditions.js";
import { openWorkerPool } from "./inference/worker-pool.js";
import { openLocalJobQueue } from "./jobs/local-job-queue.js";
import { openSharedJobQueue } from "./jobs/shared-job-queue.js";
import { createServedModels } from "./models/served-models.js";
import { openBlobs } from "./open-blobs.js";
import { DEFAULT_LIMITS, type ServerOptions } from "./options.js";
import { createReports, type Reports } from "./reports.js";
import type { Services } from "./services.js";
import { createTurns, nestTurns, type Turns } from "./turns.js";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** A running server. */
export interface RunningServer {
  /** Address of the page, with the token if there is one. */
  readonly url: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly modelName: string;
  /**
   * Copies an image file into the data folder, like an upload.
   *
   * @returns its id, the file's SHA-256; a file that is stored already isn't stored twice
   * @throws ServerError as for an upload; the system's error for a file that can't be read
   */
  importImage(path: string): Promise<string>;
  /**
   * Stops jobs (they run again after a restart), finishes pending requests, and ends the model's processes.
   */
  close(): Promise<void>;
}

/**
 * Opens the model and starts the server. It listens first and then opens the folder, so that a failed start
 * has no side effects.
 *
 * @throws StartError if the address, the folder or the database can't be used; SamError if the model can't be
 *   opened
 *
 * @example
 * const server = await startServer({ directory: "data-of-the-example", port: 0, workers: 1 });
 * console.log(server.url.startsWith("http://127.0.0.1:")); // true
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 8765 } = options;
  const loopback = LOOPBACK.has(host);
  const token = options.token ?? (loopback ? undefined : randomBytes(24).toString("base64url"));
  const closers: Closer[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const listener = await openListener(host, port);
    closers.push(listener.close);
    const address = `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}/`;
    const reports = createReports();
    const services = await openServices(options, address, reports, closers);
    const app = await createApp(services.all, { ...options, loopback, token, listener });
    reports.sendTo((message, error) => app.log.error({ err: error }, message));
    closers.push(async () => {
      services.stop();
      await services.all.jobs.close();
      await listener.close();
      await app.close();
    });
    await app.ready();
    listener.answerWith(app.routing);
    return {
      url: token ? `${address}?token=${encodeURIComponent(token)}` : address,
      port: listener.port,
      token,
      modelName: services.all.pool.model.name,
      importImage: (path) => importImage(path, services.all),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A file is opened when it is first needed; a wrong address of a database is told at the start. */
async function openEngine(
  folder: string,
  {
    databaseUrl,
    privateWebhooks,
    cluster,
  }: Pick<ServerOptions, "databaseUrl" | "privateWebhooks" | "cluster">,
  report: Reports["report"],
): Promise<Engine> {
  const dispatch: EngineOptions["dispatch"] = cluster && ((queue) => cluster.dispatch(queue, report));
  const settings = { privateWebhooks, dispatch };
  if (databaseUrl === undefined) return createEngine({ file: join(folder, ENGINE_FILE) }, settings);
  const engine = createEngine({ url: databaseUrl }, settings);
  try {
    await engine.open();
  } catch (cause) {
    await engine.close();
    throw new StartError("database-unusable", (cause as Error).message, { cause });
  }
  return engine;
}

async function importImage(path: string, services: Services): Promise<string> {
  const file = await open(path);
  return (await receiveUpload(file.createReadStream(), basename(path), services)).id;
}

/** Turns of all servers that share a database. */
async function openSharedTurns(engine: Engine): Promise<Turns> {
  await engine.open();
  const { createSharedTurns } = await import("@segany/data-engine");
  return new Promise((resolve) =>
    engine.onOpen(({ context }) => resolve(nestTurns(createSharedTurns(context.db)))),
  );
}

type Closer = () => Promise<void> | void;

/**
 * Opens the folder, the model and all services. @param closers receives functions to call in reverse order
 */
async function openServices(
  { directory, model = {}, workers = 2, ...options }: ServerOptions,
  address: string,
  { report }: Reports,
  closers: Closer[],
): Promise<{ readonly all: Services; readonly stop: () => void }> {
  const { cluster } = options;
  // What others stored in a shared store is not evicted.
  const noLimit = cluster && { maxEmbeddingBytes: Number.POSITIVE_INFINITY };
  const limits = { ...DEFAULT_LIMITS, ...options.limits, ...noLimit };
  const folder = await openDataFolder(directory, address);
  closers.push(folder.close);
  const engine = await openEngine(folder.path, options, report);
  closers.push(engine.close);
  const pool = await openWorkerPool(model, workers, limits, {
    onWorkerLost: (how, restartMs) =>
      report(`A worker process ended (${how}); restarting it in ${restartMs / 1000} s.`),
  });
  closers.push(pool.close);
  const imageWorker = openImageWorker({
    maxPixels: limits.maxPixels,
    onProcessLost: (how) => report(`An image process ended (${how}); restarting it.`),
  });
  closers.push(imageWorker.close);
  const blobs = await openBlobs(folder, cluster);
  const inTurn = cluster ? await openSharedTurns(engine) : createTurns();
  const onDamaged = (key: string) => report(`"${key}" can't be read; its image is skipped.`);
  const images = await openImageStore(blobs, onDamaged, inTurn);
  const keptMasks = createLocalKeptMaskStore(blobs, images, inTurn);
  const classes = createLocalClassStore(blobs, inTurn);
  const renditions = createRenditions(blobs, images, imageWorker);
  const openEmbeddings = (other?: OtherEncoder) =>
    openEmbeddingService(blobs, images, pool, limits, {
      ...{ other, onDamaged: (key) => report(`"${key}" is damaged; its image is encoded again.`) },
    });
  const { device, threads, precision, text: _, ...base } = model;
  const running = { ...(device && { device }), ...(threads && { threads }), ...(precision && { precision }) };
  const models = createServedModels({
    ...{ engine, pool, folder: folder.path, running, report },
    ...{ embeddings: await openEmbeddings(), openEmbeddings },
  });
  const inJobs = { pool, limits, report, services: { blobs, models, limits } };
  const jobs = await (cluster
    ? openSharedJobQueue({ ...inJobs, queue: (await engine.open()).workQueue, blobs, concurrency: workers })
    : openLocalJobQueue(blobs, inJobs));
  // Work with a model reads images from the folder, not from where several servers have them.
  const modelPlace = { folder: folder.path, base: base as ModelOpening, running };
  const work = { blobs, images, imageWorker, models, pool, limits, directory: folder.path };
  // The folder is locked: no other server of this machine has the name.
  const worker = cluster ? `server ${hostname()} ${randomUUID()}` : `server of ${folder.path}`;
  closers.push(startEngineWork(engine, work, { worker, report, ...(!cluster && { modelPlace }) }));
  await engine.ifPresent().catch(() => undefined); // work that was left goes on; requests tell of the error
  const stop = new AbortController();
  const all = {
    ...{ blobs, images, keptMasks, classes, imageWorker, renditions, models, jobs, pool, limits, engine },
    stopping: stop.signal,
  };
  return { all, stop: () => stop.abort() };
}
