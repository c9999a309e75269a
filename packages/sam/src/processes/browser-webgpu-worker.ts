/** Entry point of the worker that runs a model on WebGPU; see browser-worker-channel.ts. */
import * as ort from "onnxruntime-web/webgpu";
import { browserEngineLoader } from "./browser-engine.js";
import { serveWorker } from "./browser-serve-worker.js";

serveWorker(browserEngineLoader(ort, "webgpu"));
