import { samWeightShapes, type VitSamArchitecture } from "@segany/sam/training";
import { createRandom } from "../random/random.js";
import { saveCheckpoint } from "../weights/save-checkpoint.js";
import { initialWeights } from "./initial-weights.js";

/** A model that starts without a checkpoint. */
export interface FreshSam {
  /** `.safetensors`, `.pth` or `.pt`. */
  readonly path: string;
  readonly architecture: VitSamArchitecture;
  /** Of the random weights; default 0. */
  readonly seed?: number;
}

/**
 * Writes a checkpoint with random weights, for `pretrainEncoder` and `trainSam`. It has the keys of SAM's own
 * checkpoints.
 *
 * @throws SamError `checkpoint-unsupported` for parameters that a checkpoint can't tell of, `file-unwritable`
 * @throws TrainingError `option-invalid` for another ending, or for channels that are no multiple of 4
 */
export async function saveFreshSam({ path, architecture, seed = 0 }: FreshSam): Promise<void> {
  const tensors = samWeightShapes(architecture);
  const values = initialWeights(tensors, createRandom(seed));
  const load = async (key: string) => values.get(key)!.data;
  const base = { sha256: "", source: path, tensors, load, close: async () => {} };
  await saveCheckpoint({ path, base, changed: new Map() });
}
