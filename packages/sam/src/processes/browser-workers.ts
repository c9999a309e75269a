import type { Channel } from "@segany/runtime";
import { workerChannel } from "@segany/runtime/browser";

/** Starts the worker that runs a model on WebAssembly, so that the page stays free. */
export function openWasmWorker(): Channel {
  // Bundlers look for this very expression.
  return workerChannel(new Worker(new URL("./browser-worker.js", import.meta.url), { type: "module" }));
}

/** Starts the worker that runs a model on WebGPU; ONNX Runtime's larger build is loaded with it and not before. */
export function openWebGpuWorker(): Channel {
  return workerChannel(
    new Worker(new URL("./browser-webgpu-worker.js", import.meta.url), { type: "module" }),
  );
}
