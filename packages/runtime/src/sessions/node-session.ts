import "./node-disable-telemetry.js";

import { join } from "node:path";
import { SamError } from "@segany/masks";
import * as ort from "onnxruntime-node";
import type { Device } from "./device.js";
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
  /** Whether the model is a packed copy, which ONNX Runtime has optimised before. */
  readonly isPacked?: boolean;
  /** Folder that gets a packed copy of the model: `model.onnx` and `weights.bin`. */
  readonly packInto?: string;
  /** Writes the time of every operation to a file whose path begins so, when the session is closed. */
  readonly profilePrefix?: string;
}

/**
 * Opens a model, from a file (weights beside it are mapped) or from bytes.
 *
 * @throws SamError `device-unavailable` when the device cannot be used, `inference-failed` when the model
 *   cannot
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { writeModel } from "@segany/graph/onnx";
 * import { relu } from "@segany/graph/ops";
 * const g = createGraphBuilder("relu", new Map());
 * g.output("y", relu(g, g.input("x", "float32", [3])));
 * const noWeights = () => Promise.reject(new Error("This graph has no weights."));
 * const session = await createNodeSession(await writeModel(g.finish(), noWeights));
 * const { y } = await session.run({ x: { dtype: "float32", shape: [3], data: Float32Array.of(-1, 0, 2) } });
 * console.log(y?.data); // Float32Array(3) [ 0, 0, 2 ]
 * await session.close();
 */
export async function createNodeSession(
  model: string | Uint8Array,
  options: NodeSessionOptions = {},
): Promise<Session> {
  return wrapSession(await openOrtSession(model, options), ort.Tensor);
}

/** The same as ONNX Runtime's own session, for what {@link Session} does not offer. */
export async function openOrtSession(
  model: string | Uint8Array,
  options: NodeSessionOptions = {},
): Promise<ort.InferenceSession> {
  const ortOptions = ortSessionOptions(options);
  try {
    return await (typeof model === "string"
      ? ort.InferenceSession.create(model, ortOptions)
      : ort.InferenceSession.create(model, ortOptions));
  } catch (error) {
    throw sessionError(error, options.device ?? "cpu");
  }
}

/**
 * Values from 100 kB on go to a file of their own, in the order that kernels read. ONNX Runtime 1.30 aligns
 * them to pages from there on; it crashes on smaller ones that it has put in such an order.
 */
const PACKING = {
  save_external_prepacked_constant_initializers: "1",
  optimized_model_external_initializers_file_name: "weights.bin",
  optimized_model_external_initializers_min_size_in_bytes: "100000",
};

function ortSessionOptions({
  device = "cpu",
  threads = 0,
  widenInt8 = false,
  isPacked = false,
  packInto,
  profilePrefix,
}: NodeSessionOptions): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: isPacked ? "disabled" : "all",
    // Planned memory is held as one piece for all steps: ViT-B peaks 0.4 GB higher with it, and is no faster.
    enableMemPattern: false,
    extra: { session: { x64quantprecision: widenInt8 ? "1" : "0", ...(packInto && PACKING) } },
    ...(packInto && { optimizedModelFilePath: join(packInto, "model.onnx") }),
    logSeverityLevel: 3,
    ...(profilePrefix && { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
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
