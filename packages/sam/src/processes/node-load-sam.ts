import { cacheDirectory } from "@segany/runtime/files";
import type { DeviceRequest } from "@segany/runtime/node";
import { inTurns } from "../engine/in-turns.js";
import { openRemoteEngine } from "../engine/remote-engine.js";
import type { WeightsOptions } from "../files/node-open-state.js";
import { type FieldNames, refuseUnknown } from "../known-options.js";
import { createSam, type Sam } from "../sam.js";
import { loadNodeEngine, type NodeEngineSpec } from "./node-engine.js";
import { openEngineProcess } from "./node-engine-process.js";

/** Which weights, on which device, in which process. */
export interface LoadSamOptions extends DeviceRequest, WeightsOptions {
  /** Folder for built graphs and downloads; default is SEGANY_CACHE or the user's cache folder. */
  readonly cacheDirectory?: string;
  /**
   * Where inference runs. In a child process (the default) the caller's event loop stays free and work can be
   * cancelled immediately; in this process the first result comes slightly sooner.
   */
  readonly runIn?: "child-process" | "this-process";
  /**
   * Opens the image encoder at once, while the caller reads the first image; otherwise the first image waits
   * for it. Only in a child process, since opening blocks its thread.
   */
  readonly opensEncoder?: boolean;
  readonly signal?: AbortSignal;
}

const FIELDS: FieldNames<LoadSamOptions> = {
  checkpoint: true,
  lora: true,
  ignoreUnused: true,
  preprocessing: true,
  cacheDirectory: true,
  runIn: true,
  device: true,
  threads: true,
  precision: true,
  opensEncoder: true,
  signal: true,
};

/**
 * Opens a model: the embedded `mobile_sam`, or a published or custom checkpoint.
 *
 * @param name `mobile_sam`, `vit_b`, `vit_l`, `vit_h`; if missing, the checkpoint's model, or the embedded
 *   weights
 * @throws SamError `model-unknown`, `checkpoint-not-found`, `checkpoint-invalid`, `checkpoint-unsafe`,
 *   `checkpoint-unsupported`, `device-unavailable`, `aborted`
 *
 * @example
 * // Or a checkpoint: loadSam("vit_b", { checkpoint: "sam_vit_b_01ec64.pth" })
 * await using sam = await loadSam("mobile_sam");
 * console.log(sam.model.name); // mobile_sam
 */
export async function loadSam(name?: string, options: LoadSamOptions = {}): Promise<Sam> {
  refuseUnknown(options, FIELDS, "loadSam");
  const { runIn = "child-process", signal, checkpoint, lora, ignoreUnused, preprocessing } = options;
  const { device, threads, precision } = options;
  const spec: NodeEngineSpec = {
    cacheDirectory: options.cacheDirectory ?? cacheDirectory(),
    ...(name && { name }),
    ...(checkpoint && { checkpoint }),
    ...(lora && { lora }),
    ...(ignoreUnused && { ignoreUnused }),
    ...(preprocessing && { preprocessing }),
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
    ...(precision && { precision }),
    ...(options.opensEncoder && runIn === "child-process" && { opensEncoder: true }),
  };
  switch (runIn) {
    case "this-process":
      return createSam(inTurns(await loadNodeEngine(spec, signal)));
    case "child-process":
      return createSam(await openRemoteEngine(openEngineProcess, spec, { signal }));
  }
}
