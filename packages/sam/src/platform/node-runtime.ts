import "./disable-telemetry.js";

import * as ort from "onnxruntime-node";
import { SamError } from "../errors.js";
import type { Device } from "./node-devices.js";
import { wrapSession } from "./ort-session.js";
import type { Session } from "./types.js";

/** Version of ONNX Runtime: built graphs are kept for one version. */
export const runtimeVersion: string = ort.env.versions.common;

/** What a session needs to know of the device it runs on; `resolveDevice` decides it. */
export interface NodeSessionOptions {
  readonly device?: Device;
  /** Threads for one operation; 0 lets ONNX Runtime take one a physical core. */
  readonly threads?: number;
  /** Adds eight-bit products without overflow on processors that need it, about a fifth slower. */
  readonly widenInt8?: boolean;
}

/**
 * Opens a model, from a file (weights beside it are mapped) or from bytes.
 *
 * @throws SamError `device-unavailable` when the device cannot be used, `inference-failed` when the model cannot
 */
export async function createNodeSession(
  model: string | Uint8Array,
  { device = "cpu", threads = 0, widenInt8 = false }: NodeSessionOptions = {},
): Promise<Session> {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // Planned memory is held as one piece for all steps: ViT-B peaks 0.4 GB higher with it, and is no faster.
    enableMemPattern: false,
    extra: { session: { x64quantprecision: widenInt8 ? "1" : "0" } },
    logSeverityLevel: 3,
  };
  try {
    const session = await (typeof model === "string"
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options));
    return wrapSession(session, ort.Tensor);
  } catch (error) {
    throw sessionError(error, device);
  }
}

function sessionError(error: unknown, device: string): SamError {
  const reason = error instanceof Error ? error.message : String(error);
  if (device !== "cpu") {
    return new SamError(
      "device-unavailable",
      `The device "${device}" cannot be used here (${reason}). Use --device cpu.`,
      { cause: error },
    );
  }
  return new SamError("inference-failed", `ONNX Runtime cannot open the model: ${reason}`, { cause: error });
}
