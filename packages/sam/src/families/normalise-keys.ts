import { invalidCheckpoint, type StoredTensor } from "@segany/graph/weights";
import type { ModelFamily } from "../model/model-family.js";
import { modelFamilies } from "./registry.js";

/** Added by training code around the model; taken off from the left for as long as one is there. */
const wrapperPrefix = /^(?:module\.|model\.|sam\.)+/;

/** Constants some forks save; the normalisation of pixels is no weight. */
const constantKeys: ReadonlySet<string> = new Set(["pixel_mean", "pixel_std"]);

/**
 * Brings the keys of a file to the names that the graphs use: training prefixes off, constants dropped, and names of
 * another publication mapped by the family that knows them.
 *
 * @throws SamError `checkpoint-invalid` when two different tensors would get the same name
 */
export function normaliseKeys(
  tensors: ReadonlyMap<string, StoredTensor>,
  families: readonly ModelFamily[] = modelFamilies,
): ReadonlyMap<string, StoredTensor> {
  const bare = new Map<string, StoredTensor>();
  for (const [key, tensor] of tensors) {
    const name = key.replace(wrapperPrefix, "");
    if (bare.has(name))
      throw invalidCheckpoint(`The checkpoint has the tensor "${name}" twice, once as "${key}".`);
    if (!constantKeys.has(name)) bare.set(name, tensor);
  }
  for (const family of families) {
    const mapped = family.mapKeys?.(bare);
    if (mapped) return mapped;
  }
  return bare;
}
