import { transferable } from "./browser-transferable.js";
import type { Channel } from "./channel.js";

/**
 * A channel to a worker. One whose script fails or whose message can't be read is ended.
 *
 * @example
 * const channel = workerChannel(new Worker("doubling.js", { type: "module" }));
 * channel.onMessage((message) => console.log(message));
 * channel.send(21);
 */
export function workerChannel(worker: Worker): Channel {
  let closed: ((how: string) => void) | undefined;

  function end(how: string): void {
    worker.terminate();
    const tell = closed;
    closed = undefined;
    tell?.(how);
  }

  worker.addEventListener("error", (event) => {
    event.preventDefault();
    end(event.message || "its script could not be loaded");
  });
  worker.addEventListener("messageerror", () => end("a message of it could not be read"));
  return {
    send: (message, transfer) => worker.postMessage(message, { transfer: transferable(transfer) }),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onClose(listener) {
      closed = listener;
    },
    kill: () => end("it was ended"),
  };
}
