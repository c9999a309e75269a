/** Entry point of the child process that runs a model; see node-engine-process.ts. */
import { parentChannel } from "@segany/runtime/processes";
import { serveEngine } from "../engine/serve-engine.js";
import { loadNodeEngine, type NodeEngineSpec } from "./node-engine.js";

serveEngine(parentChannel(), (spec, signal) => loadNodeEngine(spec as NodeEngineSpec, signal));
