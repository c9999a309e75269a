import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type DataEngine,
  DataEngineError,
  runWorker,
  type WorkHandler,
  type WorkItem,
} from "@segany/data-engine";
import { interruption } from "../interruption.js";
import { printNote } from "../terminal/print.js";

/** Long enough for a step that holds this process up. */
const LEASE_MS = 60_000;
const LOOK_MS = 500;

const NAME = "segany engine on";

/**
 * Does one piece of work in this process, or waits for the server or command that has it.
 *
 * @param onProgress is called with what the work reports, here or elsewhere
 * @returns the item when it is done
 * @throws DataEngineError `conflict` if it was given up or cancelled; the interruption's reason
 */
export async function runWorkHere(
  { workQueue }: DataEngine,
  id: string,
  handler: WorkHandler,
  onProgress: (progress: unknown) => void,
): Promise<WorkItem> {
  const first = await workQueue.get(id);
  await releaseIfGone(workQueue, first);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, interruption]);
  const worker = `${NAME} ${hostname()}, process ${process.pid}`;
  const running = runWorker(
    workQueue,
    { [first.kind]: handler },
    {
      ...{ worker, item: id, signal, leaseMs: LEASE_MS, drainMs: 0 },
      onEvent(event) {
        if (event.type === "failed")
          printNote(`This attempt failed, and is made again: ${(event.error as Error).message}`);
      },
    },
  );
  try {
    return await untilEnded(workQueue, id, worker, onProgress);
  } finally {
    stop.abort();
    await running;
  }
}

async function untilEnded(
  queue: DataEngine["workQueue"],
  id: string,
  worker: string,
  onProgress: (progress: unknown) => void,
): Promise<WorkItem> {
  let told = false;
  for (;;) {
    const item = await queue.get(id);
    if (item.state === "done") return item;
    if (item.state === "dead" || item.state === "cancelled")
      throw new DataEngineError("conflict", item.error ?? "The work was cancelled.");
    if (item.progress !== null) onProgress(item.progress);
    if (item.worker !== null && item.worker !== worker && !told) {
      printNote(`It is done by: ${item.worker}. Waiting for it.`);
      told = true;
    }
    interruption.throwIfAborted();
    await sleep(LOOK_MS, undefined, { signal: interruption });
  }
}

/** Gives work back whose command on this machine was killed, instead of waiting for the end of its lease. */
async function releaseIfGone(queue: DataEngine["workQueue"], { state, worker }: WorkItem): Promise<void> {
  const [, host, pid] = new RegExp(`^${NAME} (.*), process (\\d+)$`).exec(worker ?? "") ?? [];
  if (state !== "running" || host !== hostname() || isRunning(Number(pid))) return;
  await queue.releaseAll(worker!);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
