import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { createApp } from "./app.js";
import { openLocalBlobStore } from "./blobs/local-blob-store.js";
import { openEmbeddingService } from "./embeddings/embedding-service.js";
import { ServerError } from "./errors.js";
import { openImageStore } from "./images/image-store.js";
import { openImageWorker } from "./images/image-worker.js";
import { openWorkerPool } from "./inference/worker-pool.js";
import { openLocalJobQueue } from "./jobs/local-job-queue.js";
import { DEFAULT_LIMITS, type ServerOptions } from "./options.js";
import type { Services } from "./services.js";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

const SWEEP_MS = 50;

/** A server that listens. */
export interface RunningServer {
  /** Where the page is, with the token where one is needed. */
  readonly url: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly modelName: string;
  /** Lets requests end, stops jobs (they go on when it is started again) and the model's processes. */
  close(): Promise<void>;
}

/**
 * Opens the model and serves it.
 *
 * @throws SamError for a model that can't be opened; ServerError for a folder that can't be written or an address
 * that can't be listened on
 *
 * @example
 * const server = await startServer({ directory: "pictures", port: 8765 });
 * console.log(server.url);
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { directory, host = "127.0.0.1", port = 8765, model = {}, workers = 2 } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const loopback = LOOPBACK.has(host);
  const token = options.token ?? (loopback ? undefined : randomBytes(24).toString("base64url"));
  const blobs = await openLocalBlobStore(directory);
  const stop = new AbortController();
  let onLost: (what: string) => void = () => undefined;
  const pool = await openWorkerPool(model, workers, limits, {
    onWorkerLost: (how) => onLost(`a model's process ended (${how})`),
  });
  const imageWorker = openImageWorker({
    maxPixels: limits.maxPixels,
    onProcessLost: (how) => onLost(`a process that decoded an image ended (${how})`),
  });
  try {
    const images = await openImageStore(blobs);
    const embeddings = await openEmbeddingService(blobs, images, pool, limits);
    const jobs = await openLocalJobQueue(blobs, pool, { blobs, embeddings, limits }, limits);
    const services: Services = {
      ...{ blobs, images, imageWorker, embeddings, jobs, pool, limits },
      stopping: stop.signal,
    };
    const app = await createApp(services, { ...options, loopback, token });
    onLost = (what) => app.log.error(`${what}; another is started`);
    const closeConnections = trackConnections(app);
    await listen(app, host, port);
    const actual = (app.server.address() as AddressInfo).port;
    const name = host.includes(":") ? `[${host}]` : host;
    return {
      url: `http://${name}:${actual}/${token ? `?token=${encodeURIComponent(token)}` : ""}`,
      port: actual,
      token,
      modelName: pool.model.name,
      async close() {
        stop.abort();
        await jobs.close();
        await closeWhenAnswered(app, closeConnections);
        imageWorker.close();
        pool.close();
      },
    };
  } catch (error) {
    imageWorker.close();
    pool.close();
    throw error;
  }
}

/**
 * Counts the requests that are being answered. The function that it gives closes the connections on which nothing is
 * under way, those included on which nothing was ever asked: clients keep them open, and would hold up the end.
 */
function trackConnections({ server }: FastifyInstance): () => void {
  let answering = 0;
  server.on("request", (_request, response) => {
    answering++;
    response.once("close", () => {
      answering--;
    });
  });
  return () => (answering === 0 ? server.closeAllConnections() : server.closeIdleConnections());
}

async function closeWhenAnswered(app: FastifyInstance, closeConnections: () => void): Promise<void> {
  const sweep = setInterval(closeConnections, SWEEP_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use; choose another port (0 takes any that is free)",
  EACCES: "the system doesn't allow it; choose a port above 1023",
  EADDRNOTAVAIL: "this machine doesn't have that address",
  ENOTFOUND: "no address is known by that name",
};

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new ServerError("internal", `Can't listen on ${host}, port ${port}: ${WHY_NOT[code] ?? message}.`, {
      cause,
    });
  }
}
