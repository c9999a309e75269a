import { PRIORITY, type Task } from "./task-queue.js";
import type { Worker } from "./worker-process.js";

/** The workers of a pool. */
export interface WorkersToChooseFrom {
  /** Idle workers with a model. */
  readonly idle: ReadonlySet<Worker>;
  /** All running workers, including those that are opening the model. */
  readonly all: ReadonlySet<Worker>;
  /** Workers whose work pauses between its steps, and that answer nothing else. */
  readonly pausing: ReadonlySet<Worker>;
}

/**
 * Chooses a worker for a task: an idle one, or for a click one that pauses. With two or more workers, the
 * last idle one may be reserved for clicks.
 *
 * @returns undefined if the task has to wait
 */
export function chooseWorker(
  { priority, worker }: Pick<Task, "priority" | "worker">,
  { idle, all, pausing }: WorkersToChooseFrom,
  reservesForClicks = true,
): Worker | undefined {
  const isClick = priority() === PRIORITY.click;
  if (worker) return idle.has(worker) || (isClick && pausing.has(worker)) ? worker : undefined;
  const isReserved = reservesForClicks && all.size > 1 && idle.size < 2;
  if (isReserved && !isClick) return undefined;
  return idle.values().next().value ?? (isClick ? pausing.values().next().value : undefined);
}
