import type { WorkerEvent } from "@segany/data-engine";

/** Tells the operator of work that has failed for good, and of a queue that can't be used. */
export function reportEvent(event: WorkerEvent, report: (message: string) => void): void {
  if (event.type === "dead")
    report(`The work ${event.item.kind} ${event.item.id} has failed: ${(event.error as Error).message}`);
  else if (event.type === "queue-failed")
    report(`The data engine's queue can't be used: ${(event.error as Error).message}`);
}
