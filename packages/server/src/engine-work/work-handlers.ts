import type { WorkerEvent, WorkHandlers } from "@segany/data-engine";
import type { EngineParts } from "../database/open-engine.js";
import { createEmbedTask, type EmbeddingsOfProject } from "./embed-task.js";

/** What servers and workers do of the data engine's work, by kind. */
export function workHandlers(
  kinds: { readonly EMBED_TASK: string },
  parts: Pick<EngineParts, "tasks">,
  embeddingsOf: EmbeddingsOfProject,
  maxEmbeddingBytes: number,
): WorkHandlers {
  return { [kinds.EMBED_TASK]: createEmbedTask(parts, embeddingsOf, maxEmbeddingBytes) };
}

/** Tells the operator of work that has failed for good, and of a queue that can't be used. */
export function reportEvent(event: WorkerEvent, report: (message: string) => void): void {
  if (event.type === "dead")
    report(`The work ${event.item.kind} ${event.item.id} has failed: ${(event.error as Error).message}`);
  else if (event.type === "queue-failed")
    report(`The data engine's queue can't be used: ${(event.error as Error).message}`);
}
