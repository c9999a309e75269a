/** For tests: weights of a sensible size without a checkpoint. */
import { SamError } from "@segany/masks";
import type { WeightShapes } from "../constants.js";
import type { WeightLoader } from "../types.js";

/** Shapes and values of made-up weights. */
export interface RandomWeights {
  readonly shapes: WeightShapes;
  readonly load: WeightLoader;
  readonly values: ReadonlyMap<string, Float32Array>;
}

/**
 * Draws weights that keep activations near one: matrices by their fan-in, normalisation near one, biases
 * small.
 */
export function randomWeights(shapes: Readonly<Record<string, readonly number[]>>, seed = 1): RandomWeights {
  const next = normals(seed);
  const values = new Map<string, Float32Array>();
  for (const [key, shape] of Object.entries(shapes)) {
    const { mean, deviation } = distribution(key, shape);
    const count = shape.reduce((a, b) => a * b, 1);
    values.set(
      key,
      Float32Array.from({ length: count }, () => mean + deviation * next()),
    );
  }
  return {
    shapes: new Map(Object.entries(shapes).map(([key, shape]) => [key, { shape }])),
    values,
    load: async (key) => {
      const found = values.get(key);
      if (!found) throw new SamError("checkpoint-invalid", `No weights were made up for "${key}".`);
      return found;
    },
  };
}

function distribution(key: string, shape: readonly number[]): { mean: number; deviation: number } {
  if (shape.length === 1) return { mean: key.endsWith(".weight") ? 1 : 0, deviation: 0.2 };
  if (shape[0] === 1) return { mean: 0, deviation: 0.5 }; // one token or one position embedding
  return { mean: 0, deviation: shape.slice(1).reduce((a, b) => a * b, 1) ** -0.5 };
}

/** Seeded, roughly normal numbers of mean 0 and deviation 1 (xorshift; the sum of four uniform numbers). */
export function normals(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
}
