import { stoppingError } from "../errors.js";
import type { ImageProcess } from "./image-process.js";
import { createImageQueue } from "./image-queue.js";

/** Memory of a process without an image; one that occupies more is not used again. */
export const BASE_BYTES = 2 ** 28;

/** The processes that decode images: started on demand, used again, and replaced when they end. */
export interface ImageProcessPool {
  /**
   * Waits for a process. The caller returns it with `giveBack`.
   *
   * @throws ServerError `too-many-requests`, `overloaded`, `stopping`
   */
  take(isUpload: boolean, client: string | undefined): Promise<ImageProcess>;
  giveBack(process: ImageProcess): void;
  load(): { readonly waiting: number; readonly running: number };
  readonly isClosed: boolean;
  /** Refuses all that wait and ends all processes. */
  close(): void;
}

export interface ImageProcessPoolOptions {
  /** Most processes that are busy; with two or more, the last is reserved for uploads. */
  readonly processes: number;
  readonly maxQueued: number;
  readonly maxQueuedPerClient: number;
  readonly startProcess: () => ImageProcess;
}

export function createImageProcessPool(options: ImageProcessPoolOptions): ImageProcessPool {
  const { processes, maxQueued, maxQueuedPerClient, startProcess } = options;
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

  function endIdle(how: string): void {
    for (const process of idle.splice(0)) process.end(how);
  }

  return {
    async take(isUpload, client) {
      if (closed) throw stoppingError();
      return new Promise((resolve, reject) => {
        queue.add({ isUpload, client, begin: resolve, refuse: reject });
        next();
      });
    },
    giveBack(process) {
      busy.delete(process);
      const isUsable = process.memoryBytes < BASE_BYTES && process.ended === undefined && !closed;
      if (process.ended !== undefined) endIdle("another has ended"); // what ended it may have ended them, too
      if (isUsable) idle.push(process);
      else process.end("it used too much memory"); // allocators seldom return it
      next();
    },
    load: () => ({ waiting: queue.length, running: busy.size }),
    get isClosed() {
      return closed;
    },
    close() {
      closed = true;
      for (const { refuse } of queue.takeAll()) refuse(stoppingError());
      endIdle("the server is stopping");
      for (const process of busy) process.end("the server is stopping");
    },
  };
}
