import { ServerError, WorkerLostError } from "../errors.js";
import type { CutOutTask, ImageMethods, InspectedImage } from "./image-messages.js";
import { type ImageProcess, startImageProcess } from "./image-process.js";
import { createImageQueue } from "./image-queue.js";

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
const BASE_BYTES = 2 ** 28;

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
  const idle: ImageProcess[] = [];
  const busy = new Set<ImageProcess>();
  const queue = createImageQueue<ImageProcess>(maxQueued, maxQueuedPerClient);
  let closed = false;

  function next(): void {
    while (!closed && busy.size < processes) {
      const isLast = processes > 1 && busy.size === processes - 1;
      const waiting = queue.take(isLast);
      if (!waiting) return;
      const process = takeProcess();
      busy.add(process);
      waiting.begin(process);
    }
  }

  /** Returns an idle process that has not ended, or a new one. */
  function takeProcess(): ImageProcess {
    const process = idle.pop() ?? startProcess();
    return process.ended === undefined ? process : takeProcess();
  }

  function turn(isUpload: boolean, client: string | undefined): Promise<ImageProcess> {
    if (closed) throw stopping();
    return new Promise((resolve, reject) => {
      queue.add({ isUpload, client, begin: resolve, refuse: reject });
      next();
    });
  }

  const attempt: Run = async (client, method, request) => {
    const process = await turn(method === "inspect", client);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.end("the time limit");
    }, timeLimitMs);
    try {
      return await process.call(method, request);
    } catch (error) {
      throw late ? tooSlow(timeLimitMs) : error;
    } finally {
      clearTimeout(timer);
      giveBack(process);
    }
  };

  /** Ends a process that still occupies much memory: allocators seldom return it. */
  function giveBack(process: ImageProcess): void {
    busy.delete(process);
    if (process.memoryBytes < BASE_BYTES && process.ended === undefined && !closed) idle.push(process);
    else process.end("it used too much memory");
    next();
  }

  /** Retries once: the process may have been killed for another reason. */
  const run: Run = async (client, method, request) => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(client, method, request);
      } catch (error) {
        if (!(error instanceof WorkerLostError)) throw error;
        if (closed) throw stopping();
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
    load: () => ({ waiting: queue.length, running: busy.size }),
    close() {
      closed = true;
      for (const { refuse } of queue.takeAll()) refuse(stopping());
      for (const process of [...idle.splice(0), ...busy]) process.end("the server is stopping");
    },
  };
}

function stopping(): ServerError {
  return new ServerError("stopping", "The server is stopping.", { retryAfterS: 5 });
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
