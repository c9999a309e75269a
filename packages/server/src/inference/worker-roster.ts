import type { Worker } from "./worker-process.js";

/** The running workers of a pool: opening the model, idle or busy. */
export interface WorkerRoster {
  /** Idle workers with a model. */
  readonly idle: ReadonlySet<Worker>;
  /** All running workers, including those that are opening the model. */
  readonly all: ReadonlySet<Worker>;
  /** Workers with a model. */
  readonly opened: ReadonlySet<Worker>;
  /** Adds a worker that is opening the model. */
  add(worker: Worker): void;
  /** Records that it has opened the model; it is idle. */
  open(worker: Worker): void;
  occupy(worker: Worker): void;
  /** Marks a busy worker as idle, unless it has ended meanwhile. */
  free(worker: Worker): void;
  /** Removes a worker that has ended. @returns whether it had the model */
  remove(worker: Worker): boolean;
}

export function createWorkerRoster(): WorkerRoster {
  const idle = new Set<Worker>();
  const all = new Set<Worker>();
  const opened = new Set<Worker>();
  return {
    idle,
    all,
    opened,
    add: (worker) => void all.add(worker),
    open(worker) {
      opened.add(worker);
      idle.add(worker);
    },
    occupy: (worker) => void idle.delete(worker),
    free(worker) {
      if (all.has(worker)) idle.add(worker);
    },
    remove(worker) {
      all.delete(worker);
      idle.delete(worker);
      return opened.delete(worker);
    },
  };
}
