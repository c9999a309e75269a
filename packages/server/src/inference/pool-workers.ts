import type { WorkerModel } from "../options.js";
import type { WorkerStarted } from "./messages.js";
import { createRestartSchedule } from "./restart-schedule.js";
import type { Worker } from "./worker-process.js";
import { createWorkerRoster, type WorkerRoster } from "./worker-roster.js";

/** The processes of a pool. A process that ends is replaced. */
export interface PoolWorkers extends Pick<WorkerRoster, "idle" | "all" | "opened" | "pausing"> {
  /** Starts one more. @throws ServerError if it can't open the model */
  start(): Promise<WorkerStarted>;
  /**
   * Starts work on an idle worker, which is then busy until the work is done in its process, too; or on one
   * that pauses, which answers it between the steps of what it does.
   *
   * @param pauses whether the work pauses between its own steps
   */
  occupy(worker: Worker, pauses: boolean, begin: () => Promise<void>): void;
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

export function createPoolWorkers(model: WorkerModel, options: PoolWorkersOptions): PoolWorkers {
  const { startProcess, onFree, onGone, onUnopened, onLost } = options;
  const roster = createWorkerRoster();
  const { idle, all, opened, pausing } = roster;
  const restarts = createRestartSchedule();
  let closed = false;

  /** Starts a process. @param failures consecutive failures to open the model before it */
  async function start(failures = 0): Promise<WorkerStarted> {
    const worker = startProcess();
    roster.add(worker);
    worker.onEnd((how) => forget(worker, how, failures));
    try {
      const started = await worker.call("start", model);
      roster.open(worker);
      restarts.succeeded();
      onFree();
      return started;
    } catch (error) {
      worker.end(`it can't open the model: ${(error as Error).message}`); // `onEnd` schedules the retry
      throw error;
    }
  }

  function forget(worker: Worker, how: string, failures: number): void {
    const wasOpened = roster.remove(worker);
    onGone(worker);
    if (!closed) restart(wasOpened ? 0 : failures + 1, how);
  }

  function restart(failures: number, how: string): void {
    const isDown = failures > 0 && opened.size === 0;
    const delayMs = restarts.plan(failures, isDown, () => {
      if (!closed) start(failures).catch(() => undefined); // reported by `onLost`
    });
    if (isDown) onUnopened(delayMs);
    onLost(how, delayMs);
  }

  return {
    start: () => start(),
    idle,
    all,
    opened,
    pausing,
    occupy(worker, pauses, begin) {
      if (pausing.has(worker)) {
        const leave = roster.visit(worker);
        void begin().finally(() => {
          leave();
          onFree();
        });
        return;
      }
      roster.occupy(worker, pauses);
      void begin()
        .finally(() => roster.endPauses(worker))
        .then(worker.whenIdle)
        .finally(() => {
          roster.free(worker);
          onFree();
        });
    },
    retryInMs: restarts.retryInMs,
    close() {
      closed = true;
      for (const worker of all) worker.end("the server is stopping");
    },
  };
}
