import { PRIORITY, type Task } from "./task-queue.js";
import type { Worker } from "./worker-process.js";

/** The workers of a pool. */
export interface WorkersToChooseFrom {
  /** Idle workers with a model. */
  readonly idle: ReadonlySet<Worker>;
  /** All running workers, including those that are opening the model. */
  readonly all: ReadonlySet<Worker>;
}

/**
 * Chooses an idle worker for a task. With two or more workers, the last idle one may be reserved for clicks.
 *
 * @returns undefined if the task has to wait
 */
export function chooseWorker(
  { priority, worker }: Pick<Task, "priority" | "worker">,
  { idle, all }: WorkersToChooseFrom,
  reservesForClicks = true,
): Worker | undefined {
  if (worker) return idle.has(worker) ? worker : undefined;
  const isReserved = reservesForClicks && all.size > 1 && idle.size < 2;
  if (isReserved && priority() !== PRIORITY.click) return undefined;
  return idle.values().next().value;
}
