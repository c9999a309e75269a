/** The ViT image encoder in plain form (paper, appendix A; Meta's `ImageEncoderViT`). */

import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, conv2d, gelu, reshape, transpose } from "@segany/graph/ops";
import { SamError } from "@segany/masks";
import type { ResidualBranch } from "../../model/model-family.js";
import { embeddingSide, type VitArchitecture } from "./architecture.js";
import { layerNorm, linear } from "./layers.js";
import { neck } from "./neck.js";
import { vitAttention } from "./vit-attention.js";
import { windowPartition, windowUnpartition } from "./window-partition.js";

/** Where the encoder's tensors stand in a checkpoint. */
export const VIT_PREFIX = "image_encoder";

const unchanged = (branch: Value): Value => branch;

/** Epsilon of the layer normalisations of the blocks. */
export const VIT_EPSILON = 1e-6;

/**
 * Builds the encoder as a graph of its own.
 *
 * Input `image`: 1x3xSxS, RGB, normalised by mean and deviation and zero-padded at the right and below.
 * Output `image_embeddings`: 1 x outChannels x S/patch x S/patch.
 *
 * @param opset 17 or later
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit
 */
export function buildVitEncoder(weights: WeightShapes, architecture: VitArchitecture, opset = 20): Graph {
  const g = createGraphBuilder("image_encoder", weights, opset);
  const image = g.input("image", "float32", [1, 3, architecture.imageSize, architecture.imageSize]);
  g.output("image_embeddings", imageEncoderVit(g, image, architecture));
  return g.finish();
}

/** Image 1x3xSxS to embedding 1 x outChannels x S/patch x S/patch. */
export function imageEncoderVit(
  g: GraphBuilder,
  image: Value,
  architecture: VitArchitecture,
  branch: ResidualBranch = unchanged,
): Value {
  tokenSide(architecture);
  let x = patchEmbedding(g, image, architecture); // 1xsxsxC
  for (let index = 0; index < architecture.depth; index++) x = block(g, x, architecture, index, branch);
  return neck(g, transpose(g, x, [0, 3, 1, 2]), `${VIT_PREFIX}.neck`);
}

/**
 * Side of the grid of tokens.
 *
 * @throws SamError `graph-invalid` when patches don't divide the image
 */
export function tokenSide(architecture: VitArchitecture): number {
  const side = embeddingSide(architecture);
  if (Number.isInteger(side)) return side;
  const { imageSize, patchSize } = architecture;
  throw new SamError(
    "graph-invalid",
    `An image of ${imageSize} pixels cannot be cut into patches of ${patchSize}; use a multiple.`,
  );
}

/** Side of a block's attention windows, tokens; 0 in a block that attends over the whole image. */
export function blockWindow({ globalAttnIndexes, windowSize }: VitArchitecture, index: number): number {
  return globalAttnIndexes.includes(index) ? 0 : windowSize;
}

function patchEmbedding(g: GraphBuilder, image: Value, { patchSize }: VitArchitecture): Value {
  const prefix = `${VIT_PREFIX}.patch_embed.proj`;
  const bias = g.hasWeight(`${prefix}.bias`) ? g.weight(`${prefix}.bias`) : undefined;
  const patches = conv2d(g, image, g.weight(`${prefix}.weight`), bias, { stride: patchSize }); // 1xCxsxs
  const tokens = transpose(g, patches, [0, 2, 3, 1]); // 1xsxsxC
  const positions = `${VIT_PREFIX}.pos_embed`;
  return g.hasWeight(positions) ? add(g, tokens, g.weight(positions)) : tokens;
}

/** A block in its place; 1xsxsxC. */
function block(
  g: GraphBuilder,
  x: Value,
  architecture: VitArchitecture,
  index: number,
  branch: ResidualBranch,
): Value {
  const prefix = `${VIT_PREFIX}.blocks.${index}`;
  const window = blockWindow(architecture, index);
  const attend = (normed: Value) =>
    window > 0
      ? windowedAttention(g, normed, `${prefix}.attn`, architecture, window)
      : vitAttention(g, normed, `${prefix}.attn`, architecture);
  return residualBlock(g, x, prefix, attend, (value) => branch(value, index));
}

/**
 * A block on tokens BxNxC that need not fill a grid: each attends to all others of its row, without relative
 * positions.
 */
export function tokenBlock(g: GraphBuilder, tokens: Value, prefix: string, numHeads: number): Value {
  const [batch, count, width] = tokens.shape as [number, number, number];
  const grid = reshape(g, tokens, [batch, 1, count, width]);
  const attend = (x: Value) => vitAttention(g, x, `${prefix}.attn`, { numHeads, useRelPos: false });
  return reshape(g, residualBlock(g, grid, prefix, attend), [batch, count, width]);
}

/** Attention and MLP, each on the normalised tokens and added to them. */
function residualBlock(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  attend: (x: Value) => Value,
  branch: (x: Value) => Value = unchanged,
): Value {
  const middle = add(g, x, branch(attend(layerNorm(g, x, `${prefix}.norm1`, VIT_EPSILON))));
  const hidden = linear(g, layerNorm(g, middle, `${prefix}.norm2`, VIT_EPSILON), `${prefix}.mlp.lin1`);
  return add(g, middle, branch(linear(g, gelu(g, hidden), `${prefix}.mlp.lin2`)));
}

function windowedAttention(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  architecture: VitArchitecture,
  window: number,
): Value {
  const attended = vitAttention(g, windowPartition(g, x, window), prefix, architecture);
  return windowUnpartition(g, attended, tokenSide(architecture));
}
