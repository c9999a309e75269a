import type { ModelInfo } from "@segany/sam";
import { ServerError } from "../errors.js";
import type { Limits, WorkerModel } from "../options.js";
import type { WorkerCalls, WorkerMethod } from "./messages.js";
import { type CallOptions, startWorkerProcess, type Worker } from "./worker-process.js";

/** What goes first: a person who waits for a click, then for an image, then jobs, then work ahead of need. */
export const PRIORITY = { click: 0, encode: 1, job: 2, ahead: 3 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

export interface PoolCallOptions extends CallOptions {
  /** Asked again whenever a worker is free: what was work ahead becomes urgent when somebody waits for it. */
  readonly priority: () => Priority;
  /** Only this worker will do: it holds a job's candidates. */
  readonly worker?: Worker | undefined;
  /** Hears which worker takes it, when it begins. */
  readonly onBegin?: ((worker: Worker) => void) | undefined;
}

export interface WorkerPool {
  readonly model: ModelInfo;
  /** `.safetensors` with what a page needs to decode. */
  readonly decoderWeights: Uint8Array;
  /** @throws ServerError `too-many-requests`, `overloaded`, or what the worker reports */
  call<M extends WorkerMethod>(
    method: M,
    input: WorkerCalls[M]["input"],
    options: PoolCallOptions,
  ): Promise<WorkerCalls[M]["output"]>;
  /** Tasks that wait and that run, for metrics. */
  load(): {
    readonly clicks: number;
    readonly work: number;
    readonly running: number;
    /** Those with a model. */
    readonly workers: number;
  };
  close(): void;
}

interface Task {
  readonly priority: () => Priority;
  readonly worker: Worker | undefined;
  readonly signal: AbortSignal | undefined;
  readonly run: (worker: Worker) => Promise<void>;
  readonly refuse: (error: ServerError) => void;
  readonly addedMs: number;
}

export interface PoolOptions {
  /** Hears of a process that ended by itself or could not open the model, how, and when the next is started. */
  readonly onWorkerLost: (how: string, restartMs: number) => void;
  readonly startProcess?: () => Worker;
}

/** Until a process is replaced; twice as long after each that could not open the model. */
const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;

/** Starts `count` processes with the model and shares calls out among them. Processes that end are replaced. */
export async function openWorkerPool(
  model: WorkerModel,
  count: number,
  { maxQueuedClicks, maxQueuedWork, maxWaitMs }: Limits,
  { onWorkerLost, startProcess = startWorkerProcess }: PoolOptions,
): Promise<WorkerPool> {
  const idle = new Set<Worker>();
  const all = new Set<Worker>();
  const queue: Task[] = [];
  const opened = new Set<Worker>();
  let retryAtMs: number | undefined; // while no process could open the model
  let closed = false;

  /** @param failures processes before it, in a row, that could not open the model */
  async function startWorker(failures = 0) {
    const worker = startProcess();
    let refusal: string | undefined;
    all.add(worker);
    worker.onExit((how) => {
      const wasOpened = opened.delete(worker);
      all.delete(worker);
      idle.delete(worker);
      refuseWhere((task) => task.worker === worker, goneWith());
      if (closed) return;
      restart(wasOpened ? 0 : failures + 1, refusal ?? how);
    });
    try {
      const started = await worker.call("start", model);
      opened.add(worker);
      idle.add(worker);
      retryAtMs = undefined;
      next();
      return started;
    } catch (error) {
      refusal = `it can't open the model: ${(error as Error).message}`;
      worker.kill(); // a process without a model is of no use; `onExit` has the next one tried
      throw error;
    }
  }

  function restart(failures: number, how: string): void {
    const delayMs = Math.min(RESTART_MS * 2 ** Math.max(0, failures - 1), LONGEST_RESTART_MS);
    if (failures > 0 && opened.size === 0) {
      retryAtMs = performance.now() + delayMs;
      refuseWhere(() => true, unopened(delayMs));
    }
    onWorkerLost(how, delayMs);
    setTimeout(() => {
      if (!closed) startWorker(failures).catch(() => undefined); // told by `onWorkerLost`
    }, delayMs).unref();
  }

  function next(): void {
    queue.sort((a, b) => a.priority() - b.priority() || a.addedMs - b.addedMs);
    for (const task of [...queue]) {
      const worker = task.worker ? idle.has(task.worker) && task.worker : choose(task);
      if (!worker) continue;
      queue.splice(queue.indexOf(task), 1);
      idle.delete(worker);
      void task.run(worker).finally(() => {
        if (all.has(worker)) idle.add(worker);
        next();
      });
    }
  }

  /** With two workers or more, the last free one is for clicks. */
  function choose({ priority }: Task): Worker | undefined {
    if (priority() !== PRIORITY.click && all.size > 1 && idle.size < 2) return undefined;
    return idle.values().next().value;
  }

  function refuseWhere(matches: (task: Task) => boolean, error: ServerError): void {
    for (const task of queue.filter(matches)) {
      queue.splice(queue.indexOf(task), 1);
      task.refuse(error);
    }
  }

  function checkRoom(priority: Priority): void {
    if (closed) throw new ServerError("stopping", "The server is stopping.", { retryAfterS: 5 });
    if (retryAtMs !== undefined) throw unopened(retryAtMs - performance.now());
    const clicks = queue.filter((task) => task.priority() === PRIORITY.click).length;
    if (priority === PRIORITY.click && clicks >= maxQueuedClicks) {
      throw new ServerError("too-many-requests", `${clicks} prompts are waiting; ask again in a moment.`, {
        retryAfterS: 1,
      });
    }
    if (priority !== PRIORITY.click && queue.length - clicks >= maxQueuedWork) {
      throw new ServerError(
        "overloaded",
        `${queue.length - clicks} images and jobs are waiting; ask later.`,
        {
          retryAfterS: 10,
        },
      );
    }
  }

  const started = await Promise.all(Array.from({ length: count }, startWorker)).catch((error) => {
    closed = true;
    for (const worker of all) worker.kill();
    throw error;
  });
  const impatience = setInterval(() => {
    const before = performance.now() - maxWaitMs;
    const tired = new ServerError("overloaded", `No worker was free for ${maxWaitMs / 1000} s; ask again.`, {
      retryAfterS: 2,
    });
    refuseWhere((task) => task.priority() === PRIORITY.click && task.addedMs < before, tired);
  }, 500);
  impatience.unref();

  return {
    ...started[0]!,
    async call(method, input, { priority, worker, onBegin, ...options }) {
      checkRoom(priority());
      if (worker && !all.has(worker)) throw goneWith();
      return new Promise((resolve, reject) => {
        const task: Task = {
          priority,
          worker,
          signal: options.signal,
          addedMs: performance.now(),
          refuse: reject,
          async run(chosen) {
            onBegin?.(chosen);
            await chosen.call(method, input, options).then(resolve, reject);
          },
        };
        options.signal?.addEventListener(
          "abort",
          () => refuseWhere((waiting) => waiting === task, cancelled()),
          { once: true },
        );
        if (options.signal?.aborted) return reject(cancelled());
        queue.push(task);
        next();
      });
    },
    load() {
      const clicks = queue.filter((task) => task.priority() === PRIORITY.click).length;
      return { clicks, work: queue.length - clicks, running: opened.size - idle.size, workers: opened.size };
    },
    close() {
      closed = true;
      clearInterval(impatience);
      refuseWhere(() => true, new ServerError("stopping", "The server is stopping.", { retryAfterS: 5 }));
      for (const worker of all) worker.kill();
    },
  };
}

function goneWith(): ServerError {
  return new ServerError("gone", "The process that held these candidates ended; run everything mode again.");
}

function unopened(retryMs: number): ServerError {
  const retryAfterS = Math.max(1, Math.ceil(retryMs / 1000));
  return new ServerError(
    "overloaded",
    `The model can't be opened again; the server's log says why. The next attempt is in ${retryAfterS} s.`,
    { retryAfterS },
  );
}

function cancelled(): ServerError {
  return new ServerError("overloaded", "The work was cancelled before it began.", { retryAfterS: 1 });
}
