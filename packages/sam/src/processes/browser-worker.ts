/** Entry point of the worker that runs a model on WebAssembly; see browser-worker-channel.ts. */
import * as ort from "onnxruntime-web/wasm";
import { browserEngineLoader } from "./browser-engine.js";
import { serveWorker } from "./browser-serve-worker.js";

serveWorker(browserEngineLoader(ort, "wasm"));
