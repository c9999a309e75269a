import { throwIfAborted } from "@segany/masks";
import { type DeviceRequest, resolveDevice, sessionOpener } from "@segany/runtime/node";
import { createLocalEngine } from "../engine/local-engine.js";
import { recogniseModel } from "../engine/model-info.js";
import type { Engine } from "../engine/types.js";
import { openState, recogniseOptions, type WeightsSpec } from "../files/node-open-state.js";

/** What to load and where to run it; plain data for a child process. */
export interface NodeEngineSpec extends DeviceRequest, WeightsSpec {
  /** Opens the encoder at once, while the caller reads its first image. */
  readonly opensEncoder?: boolean;
}

/**
 * Opens a model in this process.
 *
 * @throws SamError of the checkpoint, of the device, or `model-unknown`
 */
export async function loadNodeEngine(spec: NodeEngineSpec, signal?: AbortSignal): Promise<Engine> {
  const device = resolveDevice(spec);
  const state = await openState(spec);
  try {
    throwIfAborted(signal);
    const recognised = await recogniseModel(state, spec.name, device.precision, recogniseOptions(spec));
    const open = sessionOpener(device, spec.cacheDirectory, state.sha256, { packs: true });
    return createLocalEngine(recognised, state, open, {
      threads: device.threads,
      ...(spec.opensEncoder && { opensEncoder: true }),
    });
  } catch (error) {
    await state.close();
    throw error;
  }
}
