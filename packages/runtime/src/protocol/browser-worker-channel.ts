import type { Channel } from "./channel.js";

/** A worker as a channel. A worker cannot die by itself but by an error; what is ended says so to who waits. */
export function workerChannel<Out, In>(worker: Worker): Channel<Out, In> {
  let closed: (reason: string) => void = () => undefined;

  function end(reason: string): void {
    worker.terminate();
    const tell = closed;
    closed = () => undefined;
    tell(reason);
  }

  worker.addEventListener("error", (event) => {
    event.preventDefault();
    end(event.message || "its script could not be loaded");
  });
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data as In)),
    onClose(listener) {
      closed = listener;
    },
    kill: () => end("it was ended"),
  };
}
