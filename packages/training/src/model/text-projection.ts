/** The linear layer that makes a prompt token of CLIP's features (paper, appendix D.5). */
import type { GraphBuilder, Value } from "@segany/graph";
import { add, matmul, transpose, unsqueeze } from "@segany/graph/ops";
import { PROJECTION_KEYS } from "@segany/sam/training";
import { createRandom } from "../random/random.js";
import type { Parameters } from "../step/parameters.js";
import type { TrainedWeights } from "./trained-weights.js";

/** Whether a key is that of the layer. */
export function isProjectionKey(key: string): boolean {
  return key === PROJECTION_KEYS.weight || key === PROJECTION_KEYS.bias;
}

/** Sizes of the layer, and of its first random weights. */
export interface ProjectionOptions {
  readonly clipWidth: number;
  readonly tokenWidth: number;
  readonly seed: number;
}

/**
 * The layer beside what else is trained. It begins with normal random weights, as the embeddings of points
 * do: CLIP's features have the length 1, so a token's values do, too.
 */
export function withProjection(
  trained: TrainedWeights,
  { clipWidth, tokenWidth, seed }: ProjectionOptions,
): TrainedWeights {
  const random = createRandom(seed);
  const initial = new Map<string, Float32Array>([
    [PROJECTION_KEYS.weight, Float32Array.from({ length: tokenWidth * clipWidth }, () => random.normal())],
    [PROJECTION_KEYS.bias, new Float32Array(tokenWidth)],
  ]);
  return {
    ...trained,
    weights: new Map([
      ...trained.weights,
      [PROJECTION_KEYS.weight, { shape: [tokenWidth, clipWidth] }],
      [PROJECTION_KEYS.bias, { shape: [tokenWidth] }],
    ]),
    load: async (key) => initial.get(key) ?? trained.load(key),
    isTrained: (key) => isProjectionKey(key) || trained.isTrained(key),
    merge: (parameters) => trained.merge(partitionProjection(parameters).others),
  };
}

/** Weights that are the layer's, and all others. */
export function partitionProjection(parameters: Parameters): {
  readonly projection: Parameters;
  readonly others: Parameters;
} {
  const entries = [...parameters];
  return {
    projection: new Map(entries.filter(([key]) => isProjectionKey(key))),
    others: new Map(entries.filter(([key]) => !isProjectionKey(key))),
  };
}

/** A builder whose input for extra tokens is the projection, Bx1xC, of another one: `clip_features`, BxD. */
export function withProjectedText(g: GraphBuilder, clipWidth: number): GraphBuilder {
  const project = (): Value => {
    const features = g.input("clip_features", "float32", ["B", clipWidth]);
    const product = matmul(g, features, transpose(g, g.weight(PROJECTION_KEYS.weight), [1, 0]));
    return unsqueeze(g, add(g, product, g.weight(PROJECTION_KEYS.bias)), [1]);
  };
  return { ...g, input: (name, ...rest) => (name === "extra_tokens" ? project() : g.input(name, ...rest)) };
}
