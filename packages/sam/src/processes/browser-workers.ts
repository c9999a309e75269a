import type { Channel } from "@segany/runtime";
import { workerChannel } from "@segany/runtime/browser";

/** Starts the worker that runs a model on WebAssembly. */
export function openWasmWorker(): Channel {
  // Bundlers detect this exact expression.
  return workerChannel(new Worker(new URL("./browser-worker.js", import.meta.url), { type: "module" }));
}

/** Starts the worker that runs a model on WebGPU; it loads ONNX Runtime's larger build. */
export function openWebGpuWorker(): Channel {
  return workerChannel(
    new Worker(new URL("./browser-webgpu-worker.js", import.meta.url), { type: "module" }),
  );
}
