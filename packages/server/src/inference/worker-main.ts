/** Entry of a worker process: a model, and what it holds in memory for its images and jobs. */
import { messageOf, serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";
import { ServerError } from "../errors.js";
import type { WorkerMethods } from "./messages.js";
import { apiErrorOf } from "./sam-errors.js";
import { createWorkerTasks } from "./worker-tasks.js";

serve<WorkerMethods>(parentChannel(), createWorkerTasks(), {
  errorOf: (thrown, method) => (method === "start" ? ownError(thrown) : apiErrorOf(thrown)),
});

/** Whoever starts the server may read why the model can't be opened, names of files included. */
function ownError(thrown: unknown): ServerError {
  return new ServerError("internal", messageOf(thrown), { cause: thrown });
}
