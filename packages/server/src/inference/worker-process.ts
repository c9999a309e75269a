import { SamError } from "@segany/masks";
import { type Client, createClient } from "@segany/runtime";
import { forkChannel, hugePages } from "@segany/runtime/processes";
import { ServerError, WorkerLostError } from "../errors.js";
import type { WorkerMethods } from "./messages.js";

/** Niceness of workers relative to the server's own process. */
export const NICENESS = 5;

/** Time that a cancelled call gets to finish its current step. */
const CANCEL_GRACE_MS = 3000;

/**
 * A process with a model. Calls fail with the worker's ServerError, with WorkerLostError if the process
 * ended, and with `overloaded` if they were cancelled.
 */
export type Worker = Pick<Client<WorkerMethods>, "call" | "onEnd" | "whenIdle" | "end">;

/** Starts a worker process. Its first call must be `start`. */
export function startWorkerProcess(): Worker {
  const channel = forkChannel(new URL("./worker-main.js", import.meta.url), {
    niceness: NICENESS,
    env: hugePages().env,
  });
  const jobs = new Set<string>();
  const client = createClient<WorkerMethods>(channel, {
    errorClasses: { ServerError, SamError },
    aborted: ({ reason }) =>
      new ServerError("overloaded", "The work was cancelled.", { retryAfterS: 1, cause: reason }),
    lost: (how) => new WorkerLostError(how),
    graceMs: CANCEL_GRACE_MS,
    mayEnd: () => jobs.size === 0, // the candidates of other jobs would be lost
  });
  return watchCandidates(client, jobs);
}

/** Tracks the jobs whose candidates a worker holds. @param jobs is updated */
function watchCandidates(client: Client<WorkerMethods>, jobs: Set<string>): Worker {
  const call: Worker["call"] = async (method, request, options) => {
    const jobId = "jobId" in request ? request.jobId : undefined;
    if (method === "release" && jobId !== undefined) jobs.delete(jobId);
    const reply = await client.call(method, request, options);
    if (method === "segment" && jobId !== undefined) jobs.add(jobId);
    return reply;
  };
  return { ...client, call };
}
