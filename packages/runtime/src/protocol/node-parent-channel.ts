import type { ServingChannel } from "./channel.js";

/** The side of a child process that `forkChannel` started. The process ends when its parent has. */
export function parentChannel(): ServingChannel {
  // A terminal sends Ctrl-C to the whole group; the parent decides what it means here.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  let leaving = Promise.resolve();
  return {
    // `disconnect` tells
    send(message) {
      const left = new Promise<void>((resolve) => {
        if (process.send) process.send(message, undefined, undefined, () => resolve());
        else resolve();
      });
      leaving = leaving.then(() => left);
    },
    onMessage: (listener) => void process.on("message", listener),
    flush: () => leaving,
  };
}
