import { MessageChannel } from "node:worker_threads";
import type { Channel } from "@segany/runtime";
import { LIMITS } from "../../../../scripts/testing/limits.mjs";
import { createFallbackEngine } from "../engine/fallback-engine.js";
import { openRemoteEngine } from "../engine/remote-engine.js";
import { serveEngine } from "../engine/serve-engine.js";
import { describeEngine, type SmallModel } from "../testing/engine-contract.js";
import { loadNodeEngine, type NodeEngineSpec } from "./node-engine.js";

const openLocal = (model: SmallModel) => loadNodeEngine(model);

/** Both ends in this process, with messages that are copied as between processes. */
function openChannel(): Channel {
  const { port1, port2 } = new MessageChannel();
  let closed: (reason: string) => void = () => undefined;
  serveEngine(
    {
      send: (reply) => port2.postMessage(reply),
      onMessage: (listener) => void port2.on("message", listener),
    },
    (spec, signal) => loadNodeEngine(spec as NodeEngineSpec, signal),
  );
  return {
    send: (message) => port1.postMessage(message),
    onMessage: (listener) => void port1.on("message", listener),
    onClose(listener) {
      closed = listener;
    },
    kill() {
      port1.close();
      closed("it was ended");
    },
  };
}

async function openFallback(model: SmallModel) {
  return createFallbackEngine({
    trusted: await openLocal(model),
    openTrusted: () => openLocal(model),
    decoder: await openLocal(model),
    openEncoder: () => openLocal(model),
    timeoutMs: LIMITS.eventMs,
    device: "another device",
    onNote: () => undefined,
  });
}

describeEngine("in this process", openLocal, openLocal);
describeEngine("over a channel", (model) => openRemoteEngine(openChannel, model), openLocal);
describeEngine("on a device that may fail", openFallback, openLocal);
