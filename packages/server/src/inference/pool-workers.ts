import type { WorkerModel } from "../options.js";
import type { WorkerStarted } from "./messages.js";
import type { Worker } from "./worker-process.js";

/** The processes of a pool. One that ends is replaced. */
export interface PoolWorkers {
  /** Starts one more. @throws ServerError when it can't open the model */
  start(): Promise<WorkerStarted>;
  /** Free ones with a model. */
  readonly idle: ReadonlySet<Worker>;
  /** All that live, also those that still open the model. */
  readonly all: ReadonlySet<Worker>;
  /** Those with a model. */
  readonly opened: ReadonlySet<Worker>;
  /** Marks a free one as busy, then begins the work; it is free again when that is done, in its process too. */
  occupy(worker: Worker, begin: () => Promise<void>): void;
  /** Until the next attempt, while no process can open the model. */
  retryInMs(): number | undefined;
  close(): void;
}

export interface PoolWorkersOptions {
  readonly startProcess: () => Worker;
  readonly onFree: () => void;
  readonly onGone: (worker: Worker) => void;
  /** No process has the model, and the last could not open it. */
  readonly onUnopened: (retryMs: number) => void;
  /** @param how a process ended by itself, or why it could not open the model */
  readonly onLost: (how: string, restartMs: number) => void;
}

/** Until a process is replaced; twice as long after each that could not open the model. */
const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;

export function createPoolWorkers(model: WorkerModel, options: PoolWorkersOptions): PoolWorkers {
  const { startProcess, onFree, onGone, onUnopened, onLost } = options;
  const idle = new Set<Worker>();
  const all = new Set<Worker>();
  const opened = new Set<Worker>();
  let retryAtMs: number | undefined;
  let closed = false;

  /** @param failures processes before it, in a row, that could not open the model */
  async function start(failures = 0): Promise<WorkerStarted> {
    const worker = startProcess();
    all.add(worker);
    worker.onEnd((how) => forget(worker, how, failures));
    try {
      const started = await worker.call("start", model);
      opened.add(worker);
      idle.add(worker);
      retryAtMs = undefined;
      onFree();
      return started;
    } catch (error) {
      worker.end(`it can't open the model: ${(error as Error).message}`); // `onEnd` has the next one tried
      throw error;
    }
  }

  function forget(worker: Worker, how: string, failures: number): void {
    const wasOpened = opened.delete(worker);
    all.delete(worker);
    idle.delete(worker);
    onGone(worker);
    if (!closed) restart(wasOpened ? 0 : failures + 1, how);
  }

  function restart(failures: number, how: string): void {
    const delayMs = Math.min(RESTART_MS * 2 ** Math.max(0, failures - 1), LONGEST_RESTART_MS);
    if (failures > 0 && opened.size === 0) {
      retryAtMs = performance.now() + delayMs;
      onUnopened(delayMs);
    }
    onLost(how, delayMs);
    setTimeout(() => {
      if (!closed) start(failures).catch(() => undefined); // told by `onLost`
    }, delayMs).unref();
  }

  return {
    start: () => start(),
    idle,
    all,
    opened,
    occupy(worker, begin) {
      idle.delete(worker);
      void begin()
        .then(worker.whenIdle)
        .finally(() => {
          if (all.has(worker)) idle.add(worker);
          onFree();
        });
    },
    retryInMs: () => retryAtMs && retryAtMs - performance.now(),
    close() {
      closed = true;
      for (const worker of all) worker.end("the server is stopping");
    },
  };
}
