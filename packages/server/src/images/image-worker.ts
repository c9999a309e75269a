import { ServerError, WorkerLostError } from "../errors.js";
import type { CutOutTask, InspectedImage } from "./image-messages.js";
import { type ImageProcess, startImageProcess } from "./image-process.js";

/** Decodes images outside the server's process, a few at a time, uploads first. */
export interface ImageWorker {
  /**
   * Checks an uploaded file and writes its thumbnail (WebP).
   *
   * @throws ServerError `unsupported-media-type`, `image-too-large`, `image-unreadable`, `overloaded`, `stopping`
   */
  inspect(path: string, thumbnailPath: string): Promise<InspectedImage>;
  /**
   * Writes an image scaled down to `maxSide` pixels per side as WebP, or at full size as PNG.
   *
   * @throws ServerError `image-too-large`, `image-unreadable`, `overloaded`, `stopping`
   */
  render(
    path: string,
    outputPath: string,
    options?: { readonly maxSide?: number | undefined },
  ): Promise<void>;
  /**
   * Writes an object cut out of an image as PNG.
   *
   * @throws ServerError `mask-invalid`, `image-unreadable`, `overloaded`, `stopping`, `storage-full`
   */
  cutOut(
    path: string,
    outputPath: string,
    options: Pick<CutOutTask, "segmentation" | "paddingPx">,
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
  /** Most images that wait; more are refused. */
  readonly maxQueued?: number;
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

interface Waiting {
  readonly isUpload: boolean;
  readonly begin: (process: ImageProcess) => void;
  readonly refuse: (error: ServerError) => void;
}

/** Opens the worker. Processes are started on demand and replaced when they end. */
export function openImageWorker({
  maxPixels,
  processes = 2,
  maxQueued = 256,
  memoryLimitBytes = BASE_BYTES + BYTES_PER_PIXEL * maxPixels,
  timeLimitMs = 180_000,
  onProcessLost = () => undefined,
  startProcess = startImageProcess,
}: ImageWorkerOptions): ImageWorker {
  const idle: ImageProcess[] = [];
  const busy = new Set<ImageProcess>();
  const queue: Waiting[] = [];
  let closed = false;

  /** Uploads go first: renditions may wait longer. */
  function choose(): Waiting | undefined {
    if (closed || busy.size >= processes) return undefined;
    const isLast = processes > 1 && busy.size === processes - 1;
    return queue.find(({ isUpload }) => isUpload) ?? (isLast ? undefined : queue[0]);
  }

  function next(): void {
    for (let waiting = choose(); waiting; waiting = choose()) {
      const process = idle.pop() ?? startProcess();
      if (process.ended) continue; // it ended while it was idle
      busy.add(process);
      queue.splice(queue.indexOf(waiting), 1);
      waiting.begin(process);
    }
  }

  function turn(isUpload: boolean): Promise<ImageProcess> {
    if (closed) throw stopping();
    if (queue.length >= maxQueued)
      throw new ServerError("overloaded", `${queue.length} images are waiting to be decoded; retry later.`, {
        retryAfterS: 5,
      });
    return new Promise((resolve, reject) => {
      queue.push({ isUpload, begin: resolve, refuse: reject });
      next();
    });
  }

  const attempt: ImageProcess["call"] = async (method, request) => {
    const process = await turn(method === "inspect");
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
  const run: ImageProcess["call"] = async (method, request) => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(method, request);
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
    inspect: (path, thumbnailPath) => run("inspect", { path, thumbnailPath, ...limits }),
    async render(path, outputPath, { maxSide } = {}) {
      await run("render", { path, outputPath, maxSide, ...limits });
    },
    async cutOut(path, outputPath, options) {
      await run("cutOut", { path, outputPath, ...options, ...limits });
    },
    load: () => ({ waiting: queue.length, running: busy.size }),
    close() {
      closed = true;
      for (const { refuse } of queue.splice(0)) refuse(stopping());
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
