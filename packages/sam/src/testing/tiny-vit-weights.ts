/** For tests: the tensors of a TinyViT encoder's checkpoint, with generated values. */

import { type RandomWeights, randomWeights } from "../../../graph/src/testing/random-weights.js";
import type { TinyVitArchitecture } from "../families/sam/architecture.js";

type Shapes = Record<string, readonly number[]>;

/** Shapes by key, under `image_encoder.`; hidden layers are four times as wide as their block. */
export function tinyVitWeightShapes(a: TinyVitArchitecture): Shapes {
  const shapes: Shapes = {
    "neck.0.weight": [a.outChannels, a.embedDims.at(-1)!, 1, 1],
    "neck.2.weight": [a.outChannels, a.outChannels, 3, 3],
  };
  for (const norm of ["neck.1", "neck.3"]) addPair(shapes, norm, [a.outChannels]);
  const first = a.embedDims[0]!;
  addConv(shapes, "patch_embed.seq.0", [first / 2, 3, 3, 3]);
  addConv(shapes, "patch_embed.seq.2", [first, first / 2, 3, 3]);
  for (const [stage, dim] of a.embedDims.entries()) {
    for (let i = 0; i < a.depths[stage]!; i++) {
      const block = `layers.${stage}.blocks.${i}`;
      if (stage === 0) addBottleneck(shapes, block, [dim, 4 * dim, dim]);
      else addAttentionBlock(shapes, block, dim, a.numHeads[stage]!, a.windowSizes[stage]!);
    }
    const next = a.embedDims[stage + 1];
    if (next) addBottleneck(shapes, `layers.${stage}.downsample`, [dim, next, next]);
  }
  return Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [`image_encoder.${key}`, shape]));
}

/** Seeded weights whose batch normalisations are far from the identity. */
export function randomTinyVit(architecture: TinyVitArchitecture, seed = 1): RandomWeights {
  const weights = randomWeights(tinyVitWeightShapes(architecture), seed);
  for (const [key, values] of weights.values) {
    if (!key.endsWith(".running_var")) continue;
    for (let i = 0; i < values.length; i++) values[i] = Math.exp(3 * values[i]!); // 1/6 to 6
  }
  return weights;
}

function addBottleneck(
  shapes: Shapes,
  prefix: string,
  [input, hidden, output]: readonly [number, number, number],
): void {
  addConv(shapes, `${prefix}.conv1`, [hidden, input, 1, 1]);
  addConv(shapes, `${prefix}.conv2`, [hidden, 1, 3, 3]);
  addConv(shapes, `${prefix}.conv3`, [output, hidden, 1, 1]);
}

function addAttentionBlock(
  shapes: Shapes,
  prefix: string,
  dim: number,
  numHeads: number,
  window: number,
): void {
  shapes[`${prefix}.attn.attention_biases`] = [numHeads, window * window];
  addPair(shapes, `${prefix}.attn.norm`, [dim]);
  addPair(shapes, `${prefix}.attn.qkv`, [3 * dim, dim]);
  addPair(shapes, `${prefix}.attn.proj`, [dim, dim]);
  addConv(shapes, `${prefix}.local_conv`, [dim, 1, 3, 3]);
  addPair(shapes, `${prefix}.mlp.norm`, [dim]);
  addPair(shapes, `${prefix}.mlp.fc1`, [4 * dim, dim]);
  addPair(shapes, `${prefix}.mlp.fc2`, [dim, 4 * dim]);
}

function addConv(shapes: Shapes, prefix: string, shape: readonly number[]): void {
  shapes[`${prefix}.c.weight`] = shape;
  addPair(shapes, `${prefix}.bn`, [shape[0]!]);
  shapes[`${prefix}.bn.running_mean`] = [shape[0]!];
  shapes[`${prefix}.bn.running_var`] = [shape[0]!];
}

function addPair(shapes: Shapes, prefix: string, shape: readonly number[]): void {
  shapes[`${prefix}.weight`] = shape;
  shapes[`${prefix}.bias`] = [shape[0]!];
}
