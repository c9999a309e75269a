import { type Client, createClient } from "@segany/runtime";
import { forkChannel } from "@segany/runtime/processes";
import { ServerError, WorkerLostError } from "../errors.js";
import { NICENESS } from "../inference/worker-process.js";
import type { ImageMethods, ImageProcessNotice } from "./image-messages.js";

/**
 * A process that decodes one image at a time. Calls fail with WorkerLostError if it ends before it replies.
 */
export interface ImageProcess extends Pick<Client<ImageMethods>, "call" | "end"> {
  /** How it ended, or undefined while it runs. */
  readonly ended: string | undefined;
  /** Resident memory after the last image. */
  readonly memoryBytes: number;
}

/** Starts a process in which a decoder may crash, exhaust its memory or hang without harm to the server. */
export function startImageProcess(): ImageProcess {
  const channel = forkChannel(new URL("./image-process-main.js", import.meta.url), { niceness: NICENESS });
  let memoryBytes = 0;
  const client = createClient<ImageMethods>(channel, {
    errorClasses: { ServerError },
    aborted: () => new ServerError("overloaded", "The work was cancelled.", { retryAfterS: 1 }),
    lost: (how) => new WorkerLostError(how),
    graceMs: 0, // a decoder never stops on request
    onNotice: (notice) => {
      ({ memoryBytes } = notice as ImageProcessNotice);
    },
  });
  return {
    call: client.call,
    end: client.end,
    get ended() {
      return client.ended;
    },
    get memoryBytes() {
      return memoryBytes;
    },
  };
}
