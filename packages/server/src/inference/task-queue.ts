import { createClientTurns } from "../client-turns.js";
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
  /** Who requested it; undefined for tasks of the server itself. */
  readonly client: string | undefined;
  /** The only worker that can run it, if any. */
  readonly worker: Worker | undefined;
  /** Whether it pauses between its steps, so that its worker may answer clicks meanwhile. */
  readonly pauses: boolean;
  readonly run: (worker: Worker) => Promise<void>;
  readonly refuse: (error: ServerError) => void;
  readonly addedMs: number;
}

export interface TaskQueue {
  add(task: Task): void;
  /** Fails the matching tasks. */
  refuse(matches: (task: Task) => boolean, error: ServerError): void;
  /** Starts every task for which there is a worker: by priority, then each client in turn, then by age. */
  begin(choose: (task: Task) => Worker | undefined, run: (task: Task, worker: Worker) => void): void;
  /**
   * Checks the limits of the queue. Tasks of the server itself have none; jobs have those of the job queue.
   *
   * @throws ServerError `too-many-requests` or `overloaded` if one more task would exceed them
   */
  checkRoom(priority: Priority, client: string | undefined): void;
  counts(): { readonly clicks: number; readonly work: number };
  close(): void;
}

/** Interval of the check for clicks that have waited too long. */
const IMPATIENCE_MS = 500;

export function createTaskQueue(limits: Limits): TaskQueue {
  const { maxWaitMs } = limits;
  const tasks: Task[] = [];
  const turns = createClientTurns();
  const isClick = (task: Task) => task.priority() === PRIORITY.click;
  const impatience = setInterval(() => {
    const beforeMs = performance.now() - maxWaitMs;
    refuse((task) => isClick(task) && task.addedMs < beforeMs, tired(maxWaitMs));
  }, IMPATIENCE_MS);
  impatience.unref();

  const inTurn = (a: Task, b: Task) =>
    a.priority() - b.priority() || turns.compare(a.client, b.client) || a.addedMs - b.addedMs;

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
      for (;;) {
        tasks.sort(inTurn);
        const task = tasks.find((waiting) => choose(waiting));
        const worker = task && choose(task);
        if (!task || !worker) return;
        tasks.splice(tasks.indexOf(task), 1);
        turns.serve(task.client);
        run(task, worker);
      }
    },
    checkRoom(priority, client) {
      if (priority === PRIORITY.job || client === undefined) return;
      const waiting = tasks.filter(priority === PRIORITY.click ? isClick : isImage);
      const ours = waiting.filter((task) => task.client === client).length;
      if (priority === PRIORITY.click) checkClicks(waiting.length, ours, limits);
      else checkImages(waiting.length, ours, limits);
    },
    counts,
    close: () => clearInterval(impatience),
  };
}

function tired(maxWaitMs: number): ServerError {
  const message = `No worker was free for ${maxWaitMs / 1000} s; retry.`;
  return new ServerError("overloaded", message, { retryAfterS: 2 });
}

function isImage(task: Task): boolean {
  const priority = task.priority();
  return priority === PRIORITY.encode || priority === PRIORITY.ahead;
}

function checkClicks(all: number, ours: number, limits: Limits): void {
  const isOurs = ours >= limits.maxQueuedClicksPerClient;
  if (!isOurs && all < limits.maxQueuedClicks) return;
  const message = `${isOurs ? `${ours} of your` : all} prompts are waiting; retry in a moment.`;
  throw new ServerError("too-many-requests", message, { retryAfterS: 1 });
}

function checkImages(all: number, ours: number, limits: Limits): void {
  const retryAfterS = 10;
  if (ours >= limits.maxQueuedWorkPerClient)
    throw new ServerError("too-many-requests", `${ours} of your images are waiting; retry later.`, {
      retryAfterS,
    });
  if (all >= limits.maxQueuedWork)
    throw new ServerError("overloaded", `${all} images are waiting; retry later.`, { retryAfterS });
}
