import type { EngineNotice } from "@segany/runtime";
import { requestGpu } from "@segany/runtime/browser";
import type { EngineOpener } from "../engine/device-encoder.js";
import { openRemoteEngine } from "../engine/remote-engine.js";
import type { BrowserEngineSpec, Provider } from "./browser-engine.js";
import { openWebGpuWorker } from "./browser-workers.js";

/** Engines on WebGPU, each in its own worker. */
export interface GpuEngines {
  readonly open: (part: "encoder" | "decoder") => EngineOpener;
  /** Calls the listener when the GPU is lost, also if that has happened already. */
  onLost(listener: (reason: string) => void): void;
}

export function createGpuEngines(
  spec: BrowserEngineSpec,
  onNotice: (notice: EngineNotice) => void,
): GpuEngines {
  let lost: string | null = null;
  let tell: (reason: string) => void = () => undefined;
  return {
    open: (part) => async (signal) => {
      const engine = await openRemoteEngine(
        openWebGpuWorker,
        { ...spec, part },
        {
          signal,
          onNotice(notice) {
            onNotice(notice);
            if (notice.kind !== "device-lost") return;
            lost = notice.reason;
            tell(lost);
            void engine.close(); // pending calls would never end
          },
        },
      );
      return engine;
    },
    onLost(listener) {
      tell = listener;
      if (lost !== null) listener(lost);
    },
  };
}

/** Whether to load the larger runtime. */
export async function isWebGpuWorthTrying(provider: Provider | "auto"): Promise<boolean> {
  if (provider !== "auto") return provider === "webgpu";
  return requestGpu(false).then(
    () => true,
    () => false,
  );
}
