import { ServerError } from "../errors.js";
import type { Limits } from "../options.js";
import type { Worker } from "./worker-process.js";

/** Order of work: clicks first, then images that a user waits for, then jobs, then prefetching. */
export const PRIORITY = { click: 0, encode: 1, job: 2, ahead: 3 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

/** A call that waits for a worker. */
export interface Task {
  /** Evaluated again whenever a worker is idle. */
  readonly priority: () => Priority;
  /** The only worker that can run it, if any. */
  readonly worker: Worker | undefined;
  readonly run: (worker: Worker) => Promise<void>;
  readonly refuse: (error: ServerError) => void;
  readonly addedMs: number;
}

export interface TaskQueue {
  add(task: Task): void;
  /** Fails the matching tasks. */
  refuse(matches: (task: Task) => boolean, error: ServerError): void;
  /** Starts every task for which there is a worker, by priority and age. */
  begin(choose: (task: Task) => Worker | undefined, run: (task: Task, worker: Worker) => void): void;
  /**
   * Checks the limits of the queue. @throws ServerError `too-many-requests` or `overloaded` if one more task
   * would exceed them
   */
  checkRoom(priority: Priority): void;
  counts(): { readonly clicks: number; readonly work: number };
  close(): void;
}

/** Interval of the check for clicks that have waited too long. */
const IMPATIENCE_MS = 500;

export function createTaskQueue({ maxQueuedClicks, maxQueuedWork, maxWaitMs }: Limits): TaskQueue {
  const tasks: Task[] = [];
  const isClick = (task: Task) => task.priority() === PRIORITY.click;
  const impatience = setInterval(() => {
    const beforeMs = performance.now() - maxWaitMs;
    refuse((task) => isClick(task) && task.addedMs < beforeMs, tired(maxWaitMs));
  }, IMPATIENCE_MS);
  impatience.unref();

  function refuse(matches: (task: Task) => boolean, error: ServerError): void {
    for (const task of tasks.filter(matches)) {
      tasks.splice(tasks.indexOf(task), 1);
      task.refuse(error);
    }
  }

  function counts() {
    const clicks = tasks.filter(isClick).length;
    return { clicks, work: tasks.length - clicks };
  }

  return {
    add: (task) => void tasks.push(task),
    refuse,
    begin(choose, run) {
      tasks.sort((a, b) => a.priority() - b.priority() || a.addedMs - b.addedMs);
      for (const task of [...tasks]) {
        const worker = tasks.includes(task) ? choose(task) : undefined; // starting one task may have started or failed others
        if (!worker) continue;
        tasks.splice(tasks.indexOf(task), 1);
        run(task, worker);
      }
    },
    checkRoom(priority) {
      const { clicks, work } = counts();
      if (priority === PRIORITY.click && clicks >= maxQueuedClicks) throw tooManyClicks(clicks);
      if (priority !== PRIORITY.click && work >= maxQueuedWork) throw tooMuchWork(work);
    },
    counts,
    close: () => clearInterval(impatience),
  };
}

function tired(maxWaitMs: number): ServerError {
  const message = `No worker was free for ${maxWaitMs / 1000} s; retry.`;
  return new ServerError("overloaded", message, { retryAfterS: 2 });
}

function tooManyClicks(clicks: number): ServerError {
  const message = `${clicks} prompts are waiting; retry in a moment.`;
  return new ServerError("too-many-requests", message, { retryAfterS: 1 });
}

function tooMuchWork(work: number): ServerError {
  return new ServerError("overloaded", `${work} images and jobs are waiting; retry later.`, {
    retryAfterS: 10,
  });
}
