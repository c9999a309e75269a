import { ServerError, stoppingError, WorkerLostError } from "../errors.js";
import type { CutOutTask, ImageMethods, InspectedImage } from "./image-messages.js";
import { type ImageProcess, startImageProcess } from "./image-process.js";
import { BASE_BYTES, createImageProcessPool } from "./image-process-pool.js";

/** Decodes images outside the server's process, a few at a time: uploads first, then each client in turn. */
export interface ImageWorker {
  /**
   * Checks an uploaded file and writes its thumbnail (WebP).
   *
   * @throws ServerError `unsupported-media-type`, `image-too-large`, `image-unreadable`, `stopping`
   */
  inspect(path: string, thumbnailPath: string): Promise<InspectedImage>;
  /**
   * Writes an image scaled down to `maxSide` pixels per side as WebP, or at full size as PNG.
   *
   * @throws ServerError `image-too-large`, `image-unreadable`, `too-many-requests`, `overloaded`, `stopping`
   */
  render(
    path: string,
    outputPath: string,
    options?: { readonly maxSide?: number | undefined; readonly client?: string | undefined },
  ): Promise<void>;
  /**
   * Writes an object cut out of an image as PNG.
   *
   * @throws ServerError `mask-invalid`, `image-unreadable`, `too-many-requests`, `overloaded`, `stopping`,
   *   `storage-full`
   */
  cutOut(
    path: string,
    outputPath: string,
    options: Pick<CutOutTask, "segmentation" | "paddingPx"> & { readonly client?: string | undefined },
  ): Promise<void>;
  /** For metrics. */
  load(): { readonly waiting: number; readonly running: number };
  close(): void;
}

export interface ImageWorkerOptions {
  /** Larger images are refused, judged by their header. */
  readonly maxPixels: number;
  /**
   * Most images decoded concurrently, each in its own process; with two or more, the last is reserved for
   * uploads.
   */
  readonly processes?: number;
  /** Most renditions and cut-outs that wait; more are refused. Uploads have a limit of their own. */
  readonly maxQueued?: number;
  /** Most of one client among them. */
  readonly maxQueuedPerClient?: number;
  /** Memory limit of one process. */
  readonly memoryLimitBytes?: number;
  /** Time limit for one image, after which its process is killed. */
  readonly timeLimitMs?: number;
  readonly onProcessLost?: (how: string) => void;
  readonly startProcess?: () => ImageProcess;
}

/** Two planes with 16-bit colours, plus the decoders' own memory. */
const BYTES_PER_PIXEL = 12;

type Run = <M extends keyof ImageMethods>(
  client: string | undefined,
  method: M,
  request: ImageMethods[M]["request"],
) => Promise<ImageMethods[M]["reply"]>;

/** Opens the worker. Processes are started on demand and replaced when they end. */
export function openImageWorker({
  maxPixels,
  processes = 2,
  maxQueued = 512,
  maxQueuedPerClient = 256,
  memoryLimitBytes = BASE_BYTES + BYTES_PER_PIXEL * maxPixels,
  timeLimitMs = 180_000,
  onProcessLost = () => undefined,
  startProcess = startImageProcess,
}: ImageWorkerOptions): ImageWorker {
  const pool = createImageProcessPool({ processes, maxQueued, maxQueuedPerClient, startProcess });

  const attempt: Run = async (client, method, request) => {
    const process = await pool.take(method === "inspect", client);
    try {
      return await callInTime(process, timeLimitMs, () => process.call(method, request));
    } finally {
      pool.giveBack(process);
    }
  };

  /** Retries once: the process may have been killed for another reason. */
  const run: Run = async (client, method, request) => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(client, method, request);
      } catch (error) {
        if (!(error instanceof WorkerLostError)) throw error;
        if (pool.isClosed) throw stoppingError();
        onProcessLost(error.how);
        if (attempts === 2) throw crashed(error.how);
      }
    }
  };

  const limits = { maxPixels, memoryLimitBytes };
  return {
    inspect: (path, thumbnailPath) => run(undefined, "inspect", { path, thumbnailPath, ...limits }),
    async render(path, outputPath, { maxSide, client } = {}) {
      await run(client, "render", { path, outputPath, maxSide, ...limits });
    },
    async cutOut(path, outputPath, { client, ...options }) {
      await run(client, "cutOut", { path, outputPath, ...options, ...limits });
    },
    load: pool.load,
    close: pool.close,
  };
}

/** Ends a process whose call takes longer than the limit. */
async function callInTime<T>(process: ImageProcess, limitMs: number, call: () => Promise<T>): Promise<T> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.end("the time limit");
  }, limitMs);
  try {
    return await call();
  } catch (error) {
    throw late ? tooSlow(limitMs) : error;
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(timeLimitMs: number): ServerError {
  return new ServerError(
    "image-unreadable",
    `The image takes longer than ${timeLimitMs / 1000} s to decode; save it again with an image editor.`,
  );
}

function crashed(how: string): ServerError {
  return new ServerError(
    "image-unreadable",
    `The image crashes the process that decodes it (${how}); save it again with an image editor.`,
  );
}
