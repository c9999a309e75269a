import type { WeightShapes } from "@segany/graph";
import type { Random } from "../random/random.js";
import type { Parameter } from "../step/parameters.js";
import { sinCosPositions } from "./positions.js";

/** Draws a value. */
type Draw = (random: Random) => number;

/**
 * First values of a model that starts without a checkpoint. In the ViT blocks as MAE has them: uniform by
 * Glorot and Bengio, positions as sines and cosines, relative positions zero. In the neck, the prompt encoder
 * and the mask decoder PyTorch's defaults, which Meta's code leaves as they are. Biases are zero.
 *
 * @returns by key, in the order of the shapes
 */
export function initialWeights(shapes: WeightShapes, random: Random): Map<string, Parameter> {
  return new Map(
    [...shapes].map(([key, { shape }]) => {
      if (key.endsWith(".pos_embed")) return [key, { shape, data: sinCosPositions(shape[1]!, shape[3]!) }];
      const draw = distribution(key, shape);
      const length = shape.reduce((product, size) => product * size, 1);
      return [key, { shape, data: Float32Array.from({ length }, () => draw(random)) }];
    }),
  );
}

function distribution(key: string, shape: readonly number[]): Draw {
  if (/\.(bias|rel_pos_[hw])$/.test(key)) return () => 0;
  if (shape.length === 1) return () => 1; // normalisation
  if (key.endsWith(".mask_token")) return (random) => 0.02 * random.normal();
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  if (/^(image_encoder\.(blocks|patch_embed)|mae)\./.test(key))
    return uniform(Math.sqrt(6 / (inputs + shape[0]!)));
  if (/(_tokens?|_embed|point_embeddings\.\d|gaussian_matrix)(\.weight)?$/.test(key))
    return (random) => random.normal();
  return uniform(1 / Math.sqrt(inputs));
}

function uniform(bound: number): Draw {
  return (random) => bound * (2 * random.unit() - 1);
}
