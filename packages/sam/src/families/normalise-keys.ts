import { invalidCheckpoint, type StoredTensor } from "@segany/graph/weights";
import type { ModelFamily } from "../model/model-family.js";
import { modelFamilies } from "./registry.js";

/** What training code puts around a model, taken off names in which no part of a model is seen. */
const wrapperPrefix = /^(?:module\.|model\.|sam\.)+/;

/** Constants that some forks save; the normalisation of pixels is not a weight. */
const constantKey = /(?:^|\.)pixel_(?:mean|std)$/;

/**
 * Brings the keys of a file to the names that the graphs use: whatever stands before the parts of a model is
 * taken off (`_orig_mod.`, `net.`, `base_model.model.`), constants are dropped, and names of another
 * publication are mapped by the family that knows them.
 *
 * @throws SamError `checkpoint-invalid` if two different tensors would get the same name
 */
export function normaliseKeys(
  tensors: ReadonlyMap<string, StoredTensor>,
  families: readonly ModelFamily[] = modelFamilies,
): ReadonlyMap<string, StoredTensor> {
  const bare = new Map<string, StoredTensor>();
  const roots = new Set(families.flatMap(({ keyRoots }) => keyRoots));
  for (const [key, tensor] of tensors) {
    if (constantKey.test(key)) continue;
    const name = withoutWrapper(key, roots);
    if (bare.has(name))
      throw invalidCheckpoint(`The checkpoint has the tensor "${name}" twice, once as "${key}".`);
    bare.set(name, tensor);
  }
  for (const family of families) {
    const mapped = family.mapKeys?.(bare);
    if (mapped) return mapped;
  }
  return bare;
}

/** @param roots names of the parts of models */
function withoutWrapper(key: string, roots: ReadonlySet<string>): string {
  const names = key.split(".");
  const root = names.findIndex((name) => roots.has(name));
  return root < 0 ? key.replace(wrapperPrefix, "") : names.slice(root).join(".");
}
