import type { CallOptions } from "@segany/runtime";
import type { ModelInfo } from "@segany/sam";
import { ServerError, stoppingError } from "../errors.js";
import type { Limits, WorkerModel } from "../options.js";
import { chooseWorker } from "./choose-worker.js";
import type { WorkerMethod, WorkerMethods } from "./messages.js";
import { createPoolWorkers } from "./pool-workers.js";
import { queueCall } from "./queue-call.js";
import { createTaskQueue, PRIORITY, type Priority, type Task } from "./task-queue.js";
import { startWorkerProcess, type Worker } from "./worker-process.js";

export { PRIORITY, type Priority };

export interface PoolCallOptions<Progress> extends CallOptions<Progress> {
  /** Evaluated again whenever a worker is idle: a prefetch becomes urgent when a client waits for it. */
  readonly priority: () => Priority;
  /** Who requested it, for limits and turns; undefined for calls of the server itself. */
  readonly client?: string | undefined;
  /** The only worker that can run the call: it has the job's candidates. */
  readonly worker?: Worker | undefined;
  /** Called with the worker when the call starts. */
  readonly onBegin?: ((worker: Worker) => void) | undefined;
}

export interface WorkerPool {
  readonly model: ModelInfo;
  /** `.safetensors` with the weights that a page needs to decode. */
  readonly decoderWeights: Uint8Array;
  /**
   * Runs a method on a worker. @throws ServerError `too-many-requests`, `overloaded`, or the worker's error
   */
  call<M extends WorkerMethod>(
    method: M,
    request: WorkerMethods[M]["request"],
    options: PoolCallOptions<WorkerMethods[M]["progress"]>,
  ): Promise<WorkerMethods[M]["reply"]>;
  /** Waiting and running tasks, for metrics. */
  load(): {
    readonly clicks: number;
    readonly work: number;
    readonly running: number;
    /** Workers with a model. */
    readonly workers: number;
  };
  close(): void;
}

export interface PoolOptions {
  /** Called with the reason and the delay of the restart when a process ended or failed to open the model. */
  readonly onWorkerLost: (how: string, restartMs: number) => void;
  readonly startProcess?: () => Worker;
  /** Whether one of several workers is always free for clicks; true by default. */
  readonly reservesForClicks?: boolean;
}

/**
 * Starts `count` processes with the model and distributes calls among them. Processes that end are replaced.
 */
export async function openWorkerPool(
  model: WorkerModel,
  count: number,
  limits: Limits,
  { onWorkerLost, startProcess = startWorkerProcess, reservesForClicks = true }: PoolOptions,
): Promise<WorkerPool> {
  const queue = createTaskQueue(limits);
  const workers = createPoolWorkers(model, {
    startProcess,
    onFree: next,
    onGone: (worker) => queue.refuse((task) => task.worker === worker, goneWith()),
    onUnopened: (retryMs) => queue.refuse(() => true, unopened(retryMs)),
    onLost: onWorkerLost,
  });
  let closed = false;

  function next(): void {
    const choose = (task: Task) => chooseWorker(task, workers, reservesForClicks);
    queue.begin(choose, (task, worker) => workers.occupy(worker, task.pauses, () => task.run(worker)));
  }

  function check(priority: Priority, client: string | undefined, worker: Worker | undefined): void {
    if (closed) throw stoppingError();
    const retryMs = workers.retryInMs();
    if (retryMs !== undefined) throw unopened(retryMs);
    queue.checkRoom(priority, client);
    if (worker && !workers.all.has(worker)) throw goneWith();
  }

  function close(): void {
    closed = true;
    queue.close();
    queue.refuse(() => true, stoppingError());
    workers.close();
  }

  const started = await Promise.all(Array.from({ length: count }, workers.start)).catch((error) => {
    close();
    throw error;
  });
  return {
    ...started[0]!,
    async call(method, request, { priority, client, worker, onBegin, ...options }) {
      check(priority(), client, worker);
      const wish = { priority, client, worker, pauses: method === "segment", signal: options.signal };
      const reply = queueCall(queue, wish, (chosen) => {
        onBegin?.(chosen);
        return chosen.call(method, request, options);
      });
      next();
      return reply;
    },
    load() {
      const { idle, opened } = workers;
      return { ...queue.counts(), running: opened.size - idle.size, workers: opened.size };
    },
    close,
  };
}

function goneWith(): ServerError {
  return new ServerError("gone", "The process that held these candidates ended; run everything mode again.");
}

function unopened(retryMs: number): ServerError {
  const retryAfterS = Math.max(1, Math.ceil(retryMs / 1000));
  return new ServerError(
    "overloaded",
    `The model can't be reopened; see the server's log. The next attempt is in ${retryAfterS} s.`,
    { retryAfterS },
  );
}
