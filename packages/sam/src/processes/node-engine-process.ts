import type { Channel } from "@segany/runtime";
import { forkChannel, hugePages } from "@segany/runtime/processes";

/**
 * Starts the child process that runs a model. `session.run` blocks the event loop of its process for seconds
 * and can only be stopped by ending the process, so it must not run in the caller's.
 */
export function openEngineProcess(): Channel {
  return forkChannel(new URL("./node-engine-main.js", import.meta.url), { env: hugePages().env });
}
