import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreLocation } from "@segany/data-engine";
import type { FastifyInstance } from "fastify";
import { expect, onTestFinished } from "vitest";
import { createApp } from "../app.js";
import { createEngine } from "../database/open-engine.js";
import { openEmbeddingService } from "../embeddings/embedding-service.js";
import type { Listener } from "../http/listener.js";
import { createLocalClassStore } from "../images/class-store.js";
import { openLocalImageStore } from "../images/local-image-store.js";
import { createLocalKeptMaskStore } from "../images/local-kept-mask-store.js";
import { createRenditions } from "../images/renditions.js";
import { openWorkerPool } from "../inference/worker-pool.js";
import type { Worker } from "../inference/worker-process.js";
import { openLocalJobQueue } from "../jobs/local-job-queue.js";
import { createServedModels } from "../models/served-models.js";
import { DEFAULT_LIMITS, type Limits, type TrustedProxy } from "../options.js";
import { imageKeys, type StoredImage } from "../records/stored-image.js";
import type { Services } from "../services.js";
import { createTurns } from "../turns.js";
import { createFakeImageWorker, type FakeImageWorker } from "./fake-image-worker.js";
import { createFakeWorker, type FakeWorker } from "./fake-worker.js";
import { openStore } from "./open-store.js";

export interface OpenedApp {
  readonly app: FastifyInstance;
  readonly services: Services;
  /** The only worker, unless the test provides its own. */
  readonly worker: FakeWorker;
  readonly imageWorker: FakeImageWorker;
  /** A stored image. */
  readonly image: StoredImage;
  stop(): void;
}

const IMAGE: StoredImage = {
  id: "a".repeat(64),
  width: 6,
  height: 5,
  name: "a.png",
  orientation: 1,
  mediaType: "image/png",
  bytes: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
};

/** Log messages of a handler that replies twice, or fails after its reply: the client sees nothing of it. */
const HANDLER_FAULT = /reply.sent|FST_ERR_REP_ALREADY_SENT|ERR_HTTP_HEADERS_SENT/;

/** Parts of the app that replace the fakes. */
export interface AppParts {
  /** Starts a worker that replies by itself. */
  readonly startProcess?: () => Worker;
  /** The image's file, and fields of its record. */
  readonly file?: Uint8Array;
  readonly record?: Partial<StoredImage>;
  readonly trustedProxy?: TrustedProxy;
  /** Where the data engine's database is; a file of the app's own by default. */
  readonly engineAt?: StoreLocation;
  readonly privateWebhooks?: boolean | undefined;
  readonly loopback?: boolean;
  readonly token?: string;
  /** Receives the log, at level `info`. */
  readonly log?: (line: string) => void;
}

/** The whole app over a temporary folder and a fake worker; closed after the test. */
export async function openApp(
  limits: Partial<Limits> = {},
  listener?: Listener,
  { startProcess, file, record, engineAt, ...parts }: AppParts = {},
): Promise<OpenedApp> {
  const image = { ...IMAGE, ...record };
  const root = await mkdtemp(join(tmpdir(), "segany-app-"));
  const all = { ...DEFAULT_LIMITS, ...limits };
  const workers: FakeWorker[] = [];
  const engine = createEngine(engineAt ?? { file: join(root, "engine.sqlite") }, {
    passwordCost: { N: 2, r: 1, p: 1 },
    privateWebhooks: parts.privateWebhooks,
  });
  const pool = await openWorkerPool({}, 1, all, {
    onWorkerLost: () => undefined,
    startProcess:
      startProcess ??
      (() => {
        workers.push(createFakeWorker());
        return workers.at(-1)!;
      }),
  });
  const blobs = await openStore(root);
  await blobs.put(imageKeys.file(image.id), file ?? "x");
  await blobs.put(imageKeys.info(image.id), JSON.stringify(image));
  const inTurn = createTurns();
  const images = await openLocalImageStore(blobs, () => undefined, inTurn);
  const keptMasks = createLocalKeptMaskStore(blobs, images, inTurn);
  const embeddings = await openEmbeddingService(blobs, images, pool, all);
  const models = createServedModels({
    ...{ engine, pool, folder: root, running: {}, embeddings, report: () => undefined },
    openEmbeddings: (other) => openEmbeddingService(blobs, images, pool, all, { other }),
  });
  const jobs = await openLocalJobQueue(blobs, {
    ...{ pool, limits: all, report: () => undefined },
    services: { blobs, models, limits: all },
  });
  const stop = new AbortController();
  const imageWorker = createFakeImageWorker();
  const renditions = createRenditions(blobs, images, imageWorker);
  const services = {
    blobs,
    engine,
    images,
    keptMasks,
    classes: createLocalClassStore(blobs),
    imageWorker,
    renditions,
    models,
    jobs,
    pool,
    limits: all,
    stopping: stop.signal,
  };
  const logged: string[] = [];
  const app = await createApp(services, {
    ...{ loopback: parts.loopback ?? true, token: parts.token, trustedProxy: parts.trustedProxy },
    ...(parts.log && { logLevel: "info" }),
    log(line) {
      logged.push(line);
      parts.log?.(line);
    },
    ...(listener && { listener }),
  });
  onTestFinished(async () => {
    stop.abort();
    await jobs.close();
    await app.close();
    pool.close();
    await engine.close();
    await rm(root, { recursive: true, force: true });
    expect(logged.filter((line) => HANDLER_FAULT.test(line))).toEqual([]);
  });
  return { app, services, worker: workers[0]!, imageWorker, image, stop: () => stop.abort() };
}
