import type { WeightLoader, WeightShapes } from "@segany/graph";

/** A weight that is trained, as it is now. */
export interface Parameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights by key. */
export type Parameters = ReadonlyMap<string, Parameter>;

/** Loads weights to be trained: copies, which may be changed. */
export async function loadParameters(
  keys: readonly string[],
  weights: WeightShapes,
  load: WeightLoader,
): Promise<Map<string, Parameter>> {
  const parameters = new Map<string, Parameter>();
  for (const key of keys)
    parameters.set(key, { shape: weights.get(key)!.shape, data: (await load(key)).slice() });
  return parameters;
}
