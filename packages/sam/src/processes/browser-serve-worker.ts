import { pageChannel } from "@segany/runtime/browser";
import type { EngineLoader } from "../engine/protocol.js";
import { serveEngine } from "../engine/serve-engine.js";

/** Handles the page's calls in this worker. */
export function serveWorker(loadEngine: EngineLoader): void {
  const { name } = globalThis as unknown as { readonly name: string }; // of a worker's own side
  // ONNX Runtime starts its threads from the script that contains it, which in a bundle is this one.
  if (name.startsWith("em-pthread")) return;
  serveEngine(pageChannel(), loadEngine);
}
