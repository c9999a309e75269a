/** The ViT image encoder lowered for inference: tokens stay rows [N, C] from the patches to the neck. */

import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Precision,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, conv2d, gelu, gemm, reshape, transpose } from "@segany/graph/ops";
import { SamError } from "@segany/masks";
import type { VitArchitecture } from "../architecture.js";
import { blockWindow, tokenSide, VIT_EPSILON, VIT_PREFIX } from "../image-encoder-vit.js";
import { layerNorm, layerNorm2d } from "../layers.js";
import { NECK_EPSILON } from "../neck.js";
import { linearRows } from "./linear.js";
import { vitAttentionRows } from "./vit-attention.js";

/** How the fast form is lowered. */
export interface FastVitOptions {
  /**
   * Heads that attend over the whole image in one call. ONNX Runtime works on heads in parallel, so fewer
   * than there are threads leave some idle; more only take memory.
   */
  readonly headsPerCall?: number;
  /**
   * Queries that attend over the whole image in one call, rounded to whole rows. With the 4096 keys of a
   * published model and two heads, 256 keep scores and biases in 8 MiB each.
   */
  readonly queriesPerCall?: number;
  /** Arithmetic of the blocks' linear layers; patches, attention and neck are fp32 in any case. */
  readonly precision?: Precision;
}

/**
 * Builds the encoder with the inputs and outputs of the plain form, and equal to it, for ONNX Runtime's CPU
 * provider.
 *
 * @throws SamError as the plain form does, and `option-invalid` for heads or queries a call below one
 */
export function buildFastVitEncoder(
  weights: WeightShapes,
  architecture: VitArchitecture,
  { headsPerCall = 2, queriesPerCall = 256, precision = "fp32" }: FastVitOptions = {},
): Graph {
  for (const [name, value] of Object.entries({ headsPerCall, queriesPerCall })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new SamError("option-invalid", `${name} is ${value}; it must be a whole number from 1 on.`);
  }
  const g = createGraphBuilder(`image_encoder_fast_${precision}`, weights);
  const image = g.input("image", "float32", [1, 3, architecture.imageSize, architecture.imageSize]);
  let x = patchEmbedding(g, image, architecture); // NxC
  for (let index = 0; index < architecture.depth; index++) {
    x = block(g, x, architecture, index, { headsPerCall, queriesPerCall, precision });
  }
  g.output("image_embeddings", neck(g, x, architecture));
  return g.finish();
}

/** The convolution of non-overlapping patches as one product: [N, 3·p·p] x [3·p·p, C]. */
function patchEmbedding(g: GraphBuilder, image: Value, architecture: VitArchitecture): Value {
  const { patchSize, embedDim } = architecture;
  const side = tokenSide(architecture);
  const [rows, columns] = [side * side, 3 * patchSize * patchSize];
  const cells = reshape(g, image, [3, side, patchSize, side, patchSize]);
  const patches = reshape(g, transpose(g, cells, [1, 3, 0, 2, 4]), [rows, columns]); // Nx(3·p·p)
  const prefix = `${VIT_PREFIX}.patch_embed.proj`;
  const bias = g.hasWeight(`${prefix}.bias`) ? g.weight(`${prefix}.bias`) : undefined;
  const weight = reshaped(g, `${prefix}.weight`, [embedDim, columns]);
  const tokens = gemm(g, patches, weight, bias, { transB: true }); // NxC
  const positions = `${VIT_PREFIX}.pos_embed`;
  return g.hasWeight(positions) ? add(g, tokens, reshaped(g, positions, [rows, embedDim])) : tokens;
}

/**
 * Attention and MLP, each on the normalised tokens and added to them; NxC. Matrices rather than 1xNxC also
 * keep ONNX Runtime from joining addition and normalisation into its SkipLayerNormalization, which is slower
 * than the two.
 */
function block(
  g: GraphBuilder,
  x: Value,
  architecture: VitArchitecture,
  index: number,
  lowering: Required<FastVitOptions>,
): Value {
  const prefix = `${VIT_PREFIX}.blocks.${index}`;
  const attended = vitAttentionRows(g, layerNorm(g, x, `${prefix}.norm1`, VIT_EPSILON), `${prefix}.attn`, {
    numHeads: architecture.numHeads,
    useRelPos: architecture.useRelPos,
    grid: tokenSide(architecture),
    window: blockWindow(architecture, index),
    ...lowering,
  });
  const middle = add(g, x, attended);
  const { precision } = lowering;
  const normed = layerNorm(g, middle, `${prefix}.norm2`, VIT_EPSILON);
  const hidden = linearRows(g, normed, `${prefix}.mlp.lin1`, { precision });
  return add(g, middle, linearRows(g, gelu(g, hidden), `${prefix}.mlp.lin2`, { precision }));
}

/** NxC to 1 x outChannels x s x s; the 1x1 convolution is a product of rows. */
function neck(g: GraphBuilder, x: Value, architecture: VitArchitecture): Value {
  const { embedDim, outChannels } = architecture;
  const side = tokenSide(architecture);
  const prefix = `${VIT_PREFIX}.neck`;
  const weight = reshaped(g, `${prefix}.0.weight`, [outChannels, embedDim]);
  const narrow = gemm(g, x, weight, undefined, { transB: true }); // NxoutChannels
  const normed = layerNorm(g, narrow, `${prefix}.1`, NECK_EPSILON);
  const map = transpose(g, reshape(g, normed, [1, side, side, outChannels]), [0, 3, 1, 2]);
  const smoothed = conv2d(g, map, g.weight(`${prefix}.2.weight`), undefined, { padding: 1 });
  return layerNorm2d(g, smoothed, `${prefix}.3`, NECK_EPSILON);
}

/** A checkpoint tensor under another shape. */
function reshaped(g: GraphBuilder, key: string, shape: readonly number[]): Value {
  return g.computed(`${key}.rows`, shape, (load) => load(key));
}
