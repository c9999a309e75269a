/** Entry point of a worker process: a model, with embeddings and candidates cached in memory. */
import { SamError } from "@segany/masks";
import { messageOf, serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";
import { ServerError } from "../errors.js";
import type { WorkerMethods } from "./messages.js";
import { apiErrorOf } from "./sam-errors.js";
import { createWorkerTasks } from "./worker-tasks.js";

serve<WorkerMethods>(parentChannel(), createWorkerTasks(), {
  errorOf: (thrown, method) => (method === "start" ? ownError(thrown) : apiErrorOf(thrown)),
});

/** An error of `start`, with the full message: it is shown to the operator, who may see local paths. */
function ownError(thrown: unknown): SamError | ServerError {
  if (thrown instanceof SamError) return thrown;
  return new ServerError("internal", messageOf(thrown), { cause: thrown });
}
