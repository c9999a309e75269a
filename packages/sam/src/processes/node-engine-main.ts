/** Entry of the child process that runs a model; see node-engine-process.ts. */
import { serveEngine } from "../engine/serve-engine.js";
import { loadNodeEngine, type NodeEngineSpec } from "./node-engine.js";

// A terminal sends Ctrl-C to the whole group; the parent decides what it means here.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));

serveEngine(
  {
    send: (reply) => void process.send?.(reply),
    onMessage: (listener) => void process.on("message", (message) => listener(message as never)),
  },
  (spec, signal) => loadNodeEngine(spec as NodeEngineSpec, signal),
);
