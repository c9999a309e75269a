/** Entry of a process that decodes images; see image-process.ts. */
import { loadSharp } from "@segany/sam";
import { ServerError } from "../errors.js";
import type { FromImageProcess, ImageOutcome, ToImageProcess } from "./image-messages.js";
import { runImageTask } from "./image-tasks.js";

/** Decoders fill some hundred megabytes meanwhile at most. */
const WATCH_EVERY_MS = 20;

// A terminal sends Ctrl-C to the whole group; the server decides what it means here.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));
process.on("message", (message) => void answer(message as ToImageProcess));

function send(outcome: ImageOutcome, onSent: () => void = () => undefined): void {
  const message: FromImageProcess = { outcome, memoryBytes: process.memoryUsage.rss() };
  process.send?.(message, onSent);
}

async function answer({ task, memoryLimitBytes }: ToImageProcess): Promise<void> {
  const watch = setInterval(() => endAbove(memoryLimitBytes), WATCH_EVERY_MS);
  try {
    (await loadSharp()).cache(false); // no image comes twice
    send({ kind: "done", result: await runImageTask(task) });
  } catch (error) {
    const { code, message } = error instanceof ServerError ? error : faultOf(error);
    send({ kind: "error", code, message });
  } finally {
    clearInterval(watch);
  }
}

/** Decoders run on threads of their own, which nothing stops but the end of the process. */
function endAbove(limitBytes: number): void {
  if (process.memoryUsage.rss() <= limitBytes) return;
  const message = `The image takes more than ${Math.round(limitBytes / 2 ** 20)} MiB to decode; save it anew with an image program.`;
  send({ kind: "error", code: "image-unreadable", message }, () => process.kill(process.pid, "SIGKILL"));
}

function faultOf(error: unknown): ServerError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ServerError("internal", `The image could not be read: ${reason}`, { cause: error });
}
