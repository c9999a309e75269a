import type { Channel, EngineReply, EngineRequest } from "../engine/messages.js";

/** Starts the worker that runs a model on WebAssembly, so that the page stays free. */
export function openWasmWorker(): Channel<EngineRequest, EngineReply> {
  // Bundlers look for this very expression.
  return workerChannel(new Worker(new URL("./browser-worker.js", import.meta.url), { type: "module" }));
}

/** Starts the worker that runs a model on WebGPU; ONNX Runtime's larger build is loaded with it and not before. */
export function openWebGpuWorker(): Channel<EngineRequest, EngineReply> {
  return workerChannel(
    new Worker(new URL("./browser-webgpu-worker.js", import.meta.url), { type: "module" }),
  );
}

/** A worker as a channel. A worker cannot die by itself but by an error; what is ended says so to who waits. */
function workerChannel(worker: Worker): Channel<EngineRequest, EngineReply> {
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
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data as EngineReply)),
    onClose(listener) {
      closed = listener;
    },
    kill: () => end("it was ended"),
  };
}
