import { pageChannel } from "@segany/runtime/browser";
import type { EngineLoader } from "../engine/protocol.js";
import { serveEngine } from "../engine/serve-engine.js";

/** Answers the page from this worker. */
export function serveWorker(loadEngine: EngineLoader): void {
  const { name } = globalThis as unknown as { readonly name: string }; // of a worker's own side
  // ONNX Runtime starts its threads from the script that it is part of, which in a bundle is this one.
  if (name.startsWith("em-pthread")) return;
  serveEngine(pageChannel(), loadEngine);
}
