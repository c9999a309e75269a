/**
 * MobileSAM's TinyViT image encoder lowered for inference: maps 1xCxHxW in stage 0, tokens as rows [N, C]
 * after it.
 */
import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Precision,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, conv2d, gelu, gemm, reshape, transpose } from "@segany/graph/ops";
import type { TinyVitArchitecture } from "../architecture.js";
import { layerNorm, layerNorm2d } from "../layers.js";
import { NECK_EPSILON } from "../neck.js";
import { TINY_VIT_EPSILON, TINY_VIT_PREFIX, type TinyVitStage, tinyVitStages } from "../tiny-vit-stages.js";
import { foldedConv2d, foldedConvRows } from "./folded-conv.js";
import { linearRows } from "./linear.js";
import { tinyVitAttentionRows } from "./tiny-vit-attention.js";

/**
 * Builds the encoder with the inputs and outputs of the plain form, and equal to it, for ONNX Runtime's CPU
 * provider.
 *
 * @throws SamError as the plain form does
 */
export function buildFastTinyVitEncoder(
  weights: WeightShapes,
  architecture: TinyVitArchitecture,
  precision: Precision = "fp32",
): Graph {
  const g = createGraphBuilder(`image_encoder_fast_${precision}`, weights);
  const image = g.input("image", "float32", [1, 3, architecture.imageSize, architecture.imageSize]);
  const [convolutional, ...attending] = tinyVitStages(architecture);
  let x = convolutionStage(g, patchEmbedding(g, image), convolutional!, precision); // NxC
  for (const stage of attending) x = attentionStage(g, x, stage, precision);
  g.output("image_embeddings", neck(g, x, architecture));
  return g.finish();
}

function patchEmbedding(g: GraphBuilder, image: Value): Value {
  const prefix = `${TINY_VIT_PREFIX}.patch_embed.seq`;
  const half = foldedConv2d(g, image, `${prefix}.0`, { stride: 2, padding: 1 });
  return foldedConv2d(g, gelu(g, half), `${prefix}.2`, { stride: 2, padding: 1 });
}

/** Map 1xCxsxs to rows of the next stage. */
function convolutionStage(
  g: GraphBuilder,
  x: Value,
  { prefix, depth, downsampleStride }: TinyVitStage,
  precision: Precision,
): Value {
  for (let index = 0; index < depth; index++) {
    const block = `${prefix}.blocks.${index}`;
    const wide = gelu(g, foldedConv2d(g, x, `${block}.conv1`));
    const mixed = gelu(g, depthwise(g, wide, `${block}.conv2`));
    x = gelu(g, add(g, x, foldedConv2d(g, mixed, `${block}.conv3`)));
  }
  if (downsampleStride === undefined) return toRows(g, x);
  const wide = gelu(g, foldedConv2d(g, x, `${prefix}.downsample.conv1`));
  const merged = gelu(g, depthwise(g, wide, `${prefix}.downsample.conv2`, downsampleStride));
  return foldedConvRows(g, toRows(g, merged), `${prefix}.downsample.conv3`, precision);
}

/** Rows of a stage to rows of the next one. */
function attentionStage(g: GraphBuilder, x: Value, stage: TinyVitStage, precision: Precision): Value {
  for (let index = 0; index < stage.depth; index++) {
    x = attentionBlock(g, x, `${stage.prefix}.blocks.${index}`, stage, precision);
  }
  if (stage.downsampleStride === undefined) return x;
  const prefix = `${stage.prefix}.downsample`;
  const wide = gelu(g, foldedConvRows(g, x, `${prefix}.conv1`, precision));
  const merged = depthwise(g, toMap(g, wide, stage.grid), `${prefix}.conv2`, stage.downsampleStride);
  return foldedConvRows(g, toRows(g, gelu(g, merged)), `${prefix}.conv3`, precision);
}

/**
 * Attention, convolution by channel and MLP; NxC. Matrices rather than 1xNxC also keep ONNX Runtime from its
 * slow SkipLayerNormalization.
 */
function attentionBlock(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  stage: TinyVitStage,
  precision: Precision,
): Value {
  const attended = add(g, x, tinyVitAttentionRows(g, x, `${prefix}.attn`, stage, precision));
  const local = toRows(g, depthwise(g, toMap(g, attended, stage.grid), `${prefix}.local_conv`)); // NxC
  const normed = layerNorm(g, local, `${prefix}.mlp.norm`, TINY_VIT_EPSILON);
  const hidden = gelu(g, linearRows(g, normed, `${prefix}.mlp.fc1`, { precision }));
  return add(g, local, linearRows(g, hidden, `${prefix}.mlp.fc2`, { precision }));
}

/** NxC to 1 x outChannels x s x s; the 1x1 convolution is a product of rows. */
function neck(g: GraphBuilder, x: Value, { imageSize, outChannels }: TinyVitArchitecture): Value {
  const prefix = `${TINY_VIT_PREFIX}.neck`;
  const key = `${prefix}.0.weight`;
  const weight = g.computed(`${key}.rows`, [outChannels, x.shape[1] as number], (load) => load(key));
  const narrow = gemm(g, x, weight, undefined, { transB: true }); // NxoutChannels
  const normed = layerNorm(g, narrow, `${prefix}.1`, NECK_EPSILON);
  const map = toMap(g, normed, imageSize / 16);
  const smoothed = conv2d(g, map, g.weight(`${prefix}.2.weight`), undefined, { padding: 1 });
  return layerNorm2d(g, smoothed, `${prefix}.3`, NECK_EPSILON);
}

/** 3x3 convolution of every channel for itself, with its normalisation. */
function depthwise(g: GraphBuilder, x: Value, prefix: string, stride = 1): Value {
  return foldedConv2d(g, x, prefix, { stride, padding: 1, groups: x.shape[1] as number });
}

/** Rows [side², C] to a map 1xCxsidexside. */
function toMap(g: GraphBuilder, rows: Value, side: number): Value {
  return transpose(g, reshape(g, rows, [1, side, side, rows.shape[1]!]), [0, 3, 1, 2]);
}

/** A map 1xCxHxW to rows [H·W, C]. */
function toRows(g: GraphBuilder, map: Value): Value {
  const [, channels, height, width] = map.shape as [number, number, number, number];
  return reshape(g, transpose(g, map, [0, 2, 3, 1]), [height * width, channels]);
}
