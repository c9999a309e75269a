import type { ServingChannel } from "./channel.js";

/** The side of a child process that `forkChannel` started. The process ends when its parent has. */
export function parentChannel(): ServingChannel {
  // A terminal sends Ctrl-C to the whole group; the parent decides what it means here.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  return {
    // `disconnect` tells
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on("message", listener),
  };
}
