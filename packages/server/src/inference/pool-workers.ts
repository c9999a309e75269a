import type { WorkerModel } from "../options.js";
import type { WorkerStarted } from "./messages.js";
import type { Worker } from "./worker-process.js";

/** The processes of a pool. A process that ends is replaced. */
export interface PoolWorkers {
  /** Starts one more. @throws ServerError if it can't open the model */
  start(): Promise<WorkerStarted>;
  /** Idle workers with a model. */
  readonly idle: ReadonlySet<Worker>;
  /** All running workers, including those that are opening the model. */
  readonly all: ReadonlySet<Worker>;
  /** Workers with a model. */
  readonly opened: ReadonlySet<Worker>;
  /**
   * Marks an idle worker as busy and starts the work. The worker is idle again when the work is done in its
   * process, too.
   */
  occupy(worker: Worker, begin: () => Promise<void>): void;
  /** Time until the next attempt, while no process can open the model. */
  retryInMs(): number | undefined;
  close(): void;
}

export interface PoolWorkersOptions {
  readonly startProcess: () => Worker;
  readonly onFree: () => void;
  readonly onGone: (worker: Worker) => void;
  /** Called when no process has the model and the last attempt to open it failed. */
  readonly onUnopened: (retryMs: number) => void;
  /** Called when a process ended or failed to open the model. @param how the reason */
  readonly onLost: (how: string, restartMs: number) => void;
}

/**
 * Delay before a process is replaced; doubled after each failure to open the model (exponential back-off).
 */
const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;

export function createPoolWorkers(model: WorkerModel, options: PoolWorkersOptions): PoolWorkers {
  const { startProcess, onFree, onGone, onUnopened, onLost } = options;
  const idle = new Set<Worker>();
  const all = new Set<Worker>();
  const opened = new Set<Worker>();
  let retryAtMs: number | undefined;
  let closed = false;

  /** Starts a process. @param failures consecutive failures to open the model before it */
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
      worker.end(`it can't open the model: ${(error as Error).message}`); // `onEnd` schedules the retry
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
      if (!closed) start(failures).catch(() => undefined); // reported by `onLost`
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
