import type { Channel } from "@segany/runtime";
import { forkChannel, hugePages } from "@segany/runtime/processes";

/**
 * Starts the child process that runs a model. `session.run` holds up the event loop of its process for seconds and
 * can only be broken off by ending the process, so neither happens in the caller's.
 */
export function openEngineProcess(): Channel {
  return forkChannel(new URL("./node-engine-main.js", import.meta.url), { env: hugePages().env });
}
