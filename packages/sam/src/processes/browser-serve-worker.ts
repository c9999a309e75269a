import type { EngineLoader, EngineRequest } from "../engine/messages.js";
import { serveEngine } from "../engine/serve-engine.js";

/** What of a worker's own side is used; TypeScript's libraries for pages and for workers exclude each other. */
interface WorkerSide {
  readonly name: string;
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
  addEventListener(type: "message", listener: (event: MessageEvent<EngineRequest>) => void): void;
}

/** Answers the page from this worker. */
export function serveWorker(loadEngine: EngineLoader): void {
  const side = globalThis as unknown as WorkerSide;
  // ONNX Runtime starts its threads from the script that it is part of, which in a bundle is this one.
  if (side.name.startsWith("em-pthread")) return;
  serveEngine(
    {
      send: (reply, transfer = []) =>
        side.postMessage(reply, { transfer: [...new Set(transfer)] as ArrayBuffer[] }),
      onMessage: (listener) => side.addEventListener("message", ({ data }) => listener(data)),
    },
    loadEngine,
  );
}
