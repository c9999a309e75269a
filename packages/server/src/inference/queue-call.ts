import { ServerError } from "../errors.js";
import type { Task, TaskQueue } from "./task-queue.js";
import type { Worker } from "./worker-process.js";

/** When and where a call runs. */
export interface CallWish extends Pick<Task, "priority" | "client" | "worker" | "pauses"> {
  /** Takes the call out of the queue. Later it is up to the call itself. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Adds a call to the queue.
 *
 * @param call runs on the chosen worker
 * @returns the reply
 * @throws ServerError `overloaded` for a signal that fires first, or the error with which the queue refuses
 *   it
 */
export async function queueCall<T>(
  queue: Pick<TaskQueue, "add" | "refuse">,
  { priority, client, worker, pauses, signal }: CallWish,
  call: (worker: Worker) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw cancelled();
  return new Promise((resolve, reject) => {
    const giveUp = () => queue.refuse((waiting) => waiting === task, cancelled());
    const task: Task = {
      priority,
      client,
      worker,
      pauses,
      addedMs: performance.now(),
      refuse: reject,
      run(chosen) {
        signal?.removeEventListener("abort", giveUp);
        return call(chosen).then(resolve, reject);
      },
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    queue.add(task);
  });
}

function cancelled(): ServerError {
  return new ServerError("overloaded", "The work was cancelled before it started.", { retryAfterS: 1 });
}
