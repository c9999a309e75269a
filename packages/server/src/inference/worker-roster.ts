import type { Worker } from "./worker-process.js";

/** The running workers of a pool: opening the model, idle or busy. */
export interface WorkerRoster {
  /** Idle workers with a model. */
  readonly idle: ReadonlySet<Worker>;
  /** All running workers, including those that are opening the model. */
  readonly all: ReadonlySet<Worker>;
  /** Busy workers whose work pauses between its steps, and that answer no click now. */
  readonly pausing: ReadonlySet<Worker>;
  /** Workers with a model. */
  readonly opened: ReadonlySet<Worker>;
  /** Adds a worker that is opening the model. */
  add(worker: Worker): void;
  /** Records that it has opened the model; it is idle. */
  open(worker: Worker): void;
  /** @param pauses whether its work pauses between its steps */
  occupy(worker: Worker, pauses: boolean): void;
  /** Gives a click to a worker that pauses. @returns call it when the click is answered */
  visit(worker: Worker): () => void;
  /** Records that work which pauses is done: no further click is given to its worker. */
  endPauses(worker: Worker): void;
  /** Marks a busy worker as idle, unless it has ended meanwhile. */
  free(worker: Worker): void;
  /** Removes a worker that has ended. @returns whether it had the model */
  remove(worker: Worker): boolean;
}

export function createWorkerRoster(): WorkerRoster {
  const idle = new Set<Worker>();
  const all = new Set<Worker>();
  const opened = new Set<Worker>();
  const pausing = new Set<Worker>();
  const visited = new Set<Worker>();
  return {
    idle,
    all,
    pausing,
    opened,
    add: (worker) => void all.add(worker),
    open(worker) {
      opened.add(worker);
      idle.add(worker);
    },
    occupy(worker, pauses) {
      idle.delete(worker);
      if (pauses) pausing.add(worker);
    },
    visit(worker) {
      pausing.delete(worker);
      visited.add(worker);
      return () => {
        if (visited.delete(worker)) pausing.add(worker);
      };
    },
    endPauses(worker) {
      pausing.delete(worker);
      visited.delete(worker);
    },
    free(worker) {
      if (all.has(worker)) idle.add(worker);
    },
    remove(worker) {
      all.delete(worker);
      for (const set of [idle, pausing, visited]) set.delete(worker);
      return opened.delete(worker);
    },
  };
}
