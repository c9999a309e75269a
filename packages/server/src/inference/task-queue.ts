import { ServerError } from "../errors.js";
import type { Limits } from "../options.js";
import type { Worker } from "./worker-process.js";

/** What goes first: a person who waits for a click, then for an image, then jobs, then work ahead of need. */
export const PRIORITY = { click: 0, encode: 1, job: 2, ahead: 3 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

/** A call that waits for a worker. */
export interface Task {
  /** Asked again whenever a worker is free. */
  readonly priority: () => Priority;
  /** Only this worker will do. */
  readonly worker: Worker | undefined;
  readonly run: (worker: Worker) => Promise<void>;
  readonly refuse: (error: ServerError) => void;
  readonly addedMs: number;
}

export interface TaskQueue {
  add(task: Task): void;
  /** Refuses the tasks that match. */
  refuse(matches: (task: Task) => boolean, error: ServerError): void;
  /** Begins every task for which there is a worker, in order of priority and age. */
  begin(choose: (task: Task) => Worker | undefined, run: (task: Task, worker: Worker) => void): void;
  /** @throws ServerError `too-many-requests` or `overloaded` when one more would be too many */
  checkRoom(priority: Priority): void;
  counts(): { readonly clicks: number; readonly work: number };
  close(): void;
}

/** How often clicks are looked for that have waited too long. */
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
        const worker = tasks.includes(task) ? choose(task) : undefined; // what began may have begun or refused it
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
  const message = `No worker was free for ${maxWaitMs / 1000} s; ask again.`;
  return new ServerError("overloaded", message, { retryAfterS: 2 });
}

function tooManyClicks(clicks: number): ServerError {
  const message = `${clicks} prompts are waiting; ask again in a moment.`;
  return new ServerError("too-many-requests", message, { retryAfterS: 1 });
}

function tooMuchWork(work: number): ServerError {
  return new ServerError("overloaded", `${work} images and jobs are waiting; ask later.`, {
    retryAfterS: 10,
  });
}
