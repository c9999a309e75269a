/** Entry of a worker process: a model, and what it holds in memory for its images and jobs. */
import { ServerError } from "../errors.js";
import type { FromWorker, ToWorker, WorkerCalls, WorkerMethod } from "./messages.js";
import { apiErrorOf } from "./sam-errors.js";
import { createWorkerTasks } from "./worker-tasks.js";

// A terminal sends Ctrl-C to the whole group; the server decides what it means here.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));

const tasks = createWorkerTasks();
const running = new Map<number, AbortController>();
const send = (message: FromWorker) => void process.send?.(message);

process.on("message", (message) => {
  const received = message as ToWorker;
  if (received.kind === "cancel") running.get(received.id)?.abort();
  else void answer(received.id, received.method, received.input);
});

async function answer(id: number, method: WorkerMethod, input: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const task = tasks[method] as (
      input: unknown,
      context: { signal: AbortSignal; onEvent: (event: never) => void },
    ) => Promise<WorkerCalls[WorkerMethod]["output"]>;
    const onEvent = (event: never) => send({ kind: "event", id, event });
    send({ kind: "result", id, output: await task(input, { signal: controller.signal, onEvent }) });
  } catch (error) {
    const { code, message, cause } = method === "start" ? ownError(error) : apiErrorOf(error);
    send({
      kind: "error",
      id,
      code,
      message,
      ...(cause instanceof Error && { cause: cause.stack ?? cause.message }),
    });
  } finally {
    running.delete(id);
  }
}

/** Whoever starts the server may read why the model can't be opened, names of files included. */
function ownError(error: unknown): ServerError {
  return new ServerError("internal", error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
