import { transferable } from "./browser-transferable.js";
import type { ServingChannel } from "./channel.js";

/**
 * What of a worker's own side is used; TypeScript's libraries for pages and for workers exclude each other.
 */
interface WorkerSide {
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

/**
 * The side of a worker that `workerChannel` speaks to; to be called in the worker.
 *
 * @example
 * const channel = pageChannel();
 * channel.onMessage((message) => channel.send(2 * Number(message)));
 */
export function pageChannel(): ServingChannel {
  const side = globalThis as unknown as WorkerSide;
  return {
    send: (message, transfer) => side.postMessage(message, { transfer: transferable(transfer) }),
    onMessage: (listener) => side.addEventListener("message", ({ data }) => listener(data)),
  };
}
