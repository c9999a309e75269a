import { ServerError } from "../errors.js";
import type { CutOutTask, ImageOutcome, ImageTask, InspectedImage } from "./image-messages.js";
import { type ImageProcess, startImageProcess } from "./image-process.js";

/** Decodes images outside the server's process, a few at a time and in the order of asking. */
export interface ImageWorker {
  /**
   * Checks an uploaded file and writes its thumbnail (WebP).
   *
   * @throws ServerError `unsupported-media-type`, `image-too-large`, `image-unreadable`, `overloaded`, `stopping`
   */
  inspect(path: string, thumbnailPath: string): Promise<InspectedImage>;
  /**
   * Writes an image scaled down to `maxSide` pixels a side as WebP, or without `maxSide` all of it as PNG.
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
  /** Larger images are refused by their header. */
  readonly maxPixels: number;
  /** Images that are decoded at the same time, each in a process of its own; from two on, the last is for uploads. */
  readonly processes?: number;
  /** Images that wait; more are turned away. */
  readonly maxQueued?: number;
  /** Of one process; more ends it. */
  readonly memoryLimitBytes?: number;
  /** For one image; more ends its process. */
  readonly timeLimitMs?: number;
  readonly onProcessLost?: (how: string) => void;
  readonly startProcess?: () => ImageProcess;
}

/** Two colour planes of 16 bits and what decoders need beside them. */
const BYTES_PER_PIXEL = 12;
const BASE_BYTES = 2 ** 28;

interface Ended {
  readonly kind: "ended";
  readonly how: string;
}

interface Waiting {
  readonly isUpload: boolean;
  readonly begin: (process: ImageProcess) => void;
  readonly refuse: (error: ServerError) => void;
}

/** Processes are started when they are needed, and again when they end. */
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

  /** Uploads go first: what is shown may wait longer than what has to be taken in. */
  function choose(): Waiting | undefined {
    if (closed || busy.size >= processes) return undefined;
    const isLast = processes > 1 && busy.size === processes - 1;
    return queue.find(({ isUpload }) => isUpload) ?? (isLast ? undefined : queue[0]);
  }

  function next(): void {
    for (let waiting = choose(); waiting; waiting = choose()) {
      const process = idle.pop() ?? startProcess();
      if (process.ended) continue; // it ended while it had nothing to do
      busy.add(process);
      queue.splice(queue.indexOf(waiting), 1);
      waiting.begin(process);
    }
  }

  function turn(isUpload: boolean): Promise<ImageProcess> {
    if (closed) throw stopping();
    if (queue.length >= maxQueued)
      throw new ServerError("overloaded", `${queue.length} images are waiting to be read; ask again later.`, {
        retryAfterS: 5,
      });
    return new Promise((resolve, reject) => {
      queue.push({ isUpload, begin: resolve, refuse: reject });
      next();
    });
  }

  async function attempt(task: ImageTask): Promise<ImageOutcome | Ended> {
    const process = await turn(task.kind === "inspect");
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.kill();
    }, timeLimitMs);
    const answer = await process.call({ task, memoryLimitBytes });
    clearTimeout(timer);
    busy.delete(process);
    // Allocators seldom give back what an image took.
    if (answer && answer.memoryBytes < BASE_BYTES && !closed) idle.push(process);
    else process.kill();
    next();
    if (late) throw tooSlow(timeLimitMs);
    return answer?.outcome ?? { kind: "ended", how: process.ended ?? "unknown" };
  }

  /** A process that ended may have been killed by somebody else: the image gets one more. */
  async function run(task: ImageTask): Promise<InspectedImage | undefined> {
    for (let attempts = 1; ; attempts++) {
      const outcome = await attempt(task);
      if (outcome.kind === "done") return outcome.result;
      if (outcome.kind === "error") throw new ServerError(outcome.code, outcome.message);
      if (closed) throw stopping();
      onProcessLost(outcome.how);
      if (attempts === 2) throw crashed(outcome.how);
    }
  }

  return {
    async inspect(path, thumbnailPath) {
      return (await run({ kind: "inspect", path, thumbnailPath, maxPixels }))!;
    },
    async render(path, outputPath, { maxSide } = {}) {
      await run({ kind: "render", path, outputPath, maxSide, maxPixels });
    },
    async cutOut(path, outputPath, options) {
      await run({ kind: "cut-out", path, outputPath, ...options, maxPixels });
    },
    load: () => ({ waiting: queue.length, running: busy.size }),
    close() {
      closed = true;
      for (const { refuse } of queue.splice(0)) refuse(stopping());
      for (const process of [...idle.splice(0), ...busy]) process.kill();
    },
  };
}

function stopping(): ServerError {
  return new ServerError("stopping", "The server is stopping.", { retryAfterS: 5 });
}

function tooSlow(timeLimitMs: number): ServerError {
  return new ServerError(
    "image-unreadable",
    `The image takes longer than ${timeLimitMs / 1000} s to decode; save it anew with an image program.`,
  );
}

function crashed(how: string): ServerError {
  return new ServerError(
    "image-unreadable",
    `The image ends the process that decodes it (${how}); save it anew with an image program.`,
  );
}
