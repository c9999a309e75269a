/**
 * MobileSAM's TinyViT image encoder in plain form (MobileSAM's `tiny_vit_sam.TinyViT`; arXiv 2207.10666,
 * 2306.14289).
 */
import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, batchNormalization, type ConvOptions, conv2d, gelu, transpose } from "@segany/graph/ops";
import type { ResidualBranch } from "../../model/model-family.js";
import type { TinyVitArchitecture } from "./architecture.js";
import { layerNorm, linear } from "./layers.js";
import { neck } from "./neck.js";
import { tinyVitAttention } from "./tiny-vit-attention.js";
import { TINY_VIT_EPSILON, TINY_VIT_PREFIX, type TinyVitStage, tinyVitStages } from "./tiny-vit-stages.js";
import { windowPartition, windowUnpartition } from "./window-partition.js";

/**
 * Builds the encoder as a graph of its own.
 *
 * Input `image`: 1x3xSxS, RGB, normalised by mean and deviation and zero-padded at the right and below.
 * Output `image_embeddings`: 1 x outChannels x S/16 x S/16.
 *
 * @param opset 17 or later
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit
 */
export function buildTinyVitEncoder(
  weights: WeightShapes,
  architecture: TinyVitArchitecture,
  opset = 20,
): Graph {
  const g = createGraphBuilder("image_encoder", weights, opset);
  const image = g.input("image", "float32", [1, 3, architecture.imageSize, architecture.imageSize]);
  g.output("image_embeddings", imageEncoderTinyVit(g, image, architecture));
  return g.finish();
}

/** Image 1x3xSxS to embedding 1 x outChannels x S/16 x S/16. */
export function imageEncoderTinyVit(
  g: GraphBuilder,
  image: Value,
  architecture: TinyVitArchitecture,
  branch: ResidualBranch = (value) => value,
): Value {
  let block = 0;
  let x = patchEmbedding(g, image); // 1xCxS/4xS/4
  for (const stage of tinyVitStages(architecture)) {
    for (let index = 0; index < stage.depth; index++) {
      const prefix = `${stage.prefix}.blocks.${index}`;
      const place = block++;
      const residual = (value: Value) => branch(value, place);
      x =
        stage.index === 0
          ? convolutionBlock(g, x, prefix, residual)
          : attentionBlock(g, x, prefix, stage, residual);
    }
    if (stage.downsampleStride !== undefined) {
      x = patchMerging(g, x, `${stage.prefix}.downsample`, stage.downsampleStride);
    }
  }
  return neck(g, x, `${TINY_VIT_PREFIX}.neck`);
}

/** Two 3x3 convolutions of stride 2 (`PatchEmbed`). */
function patchEmbedding(g: GraphBuilder, image: Value): Value {
  const prefix = `${TINY_VIT_PREFIX}.patch_embed.seq`;
  const half = convBatchNorm(g, image, `${prefix}.0`, { stride: 2, padding: 1 });
  return convBatchNorm(g, gelu(g, half), `${prefix}.2`, { stride: 2, padding: 1 });
}

/** Inverted bottleneck: widen, 3x3 by channel, narrow, each normalised (`MBConv`); 1xCxsxs. */
function convolutionBlock(g: GraphBuilder, x: Value, prefix: string, branch: (x: Value) => Value): Value {
  const wide = gelu(g, convBatchNorm(g, x, `${prefix}.conv1`));
  const mixed = gelu(g, depthwise(g, wide, `${prefix}.conv2`));
  return gelu(g, add(g, x, branch(convBatchNorm(g, mixed, `${prefix}.conv3`))));
}

/** To the next stage's channels and, with stride 2, half the grid (`PatchMerging`). */
function patchMerging(g: GraphBuilder, x: Value, prefix: string, stride: number): Value {
  const wide = gelu(g, convBatchNorm(g, x, `${prefix}.conv1`));
  const merged = gelu(g, depthwise(g, wide, `${prefix}.conv2`, stride));
  return convBatchNorm(g, merged, `${prefix}.conv3`);
}

/** Attention within windows, a 3x3 convolution by channel and an MLP (`TinyViTBlock`); 1xCxsxs. */
function attentionBlock(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  stage: TinyVitStage,
  branch: (x: Value) => Value,
): Value {
  const tokens = transpose(g, x, [0, 2, 3, 1]); // 1xsxsxC
  const windows = windowPartition(g, tokens, stage.window);
  const attended = tinyVitAttention(g, windows, `${prefix}.attn`, stage.numHeads);
  const summed = add(g, tokens, branch(windowUnpartition(g, attended, stage.grid))); // 1xsxsxC
  const local = depthwise(g, transpose(g, summed, [0, 3, 1, 2]), `${prefix}.local_conv`); // 1xCxsxs
  const middle = transpose(g, local, [0, 2, 3, 1]); // 1xsxsxC
  const normed = layerNorm(g, middle, `${prefix}.mlp.norm`, TINY_VIT_EPSILON);
  const hidden = gelu(g, linear(g, normed, `${prefix}.mlp.fc1`));
  return transpose(g, add(g, middle, branch(linear(g, hidden, `${prefix}.mlp.fc2`))), [0, 3, 1, 2]);
}

/** 3x3 convolution of every channel for itself, normalised. */
function depthwise(g: GraphBuilder, x: Value, prefix: string, stride = 1): Value {
  return convBatchNorm(g, x, prefix, { stride, padding: 1, groups: x.shape[1] as number });
}

/** Convolution without bias, then batch normalisation by running statistics (`Conv2d_BN`). */
function convBatchNorm(g: GraphBuilder, x: Value, prefix: string, options: ConvOptions = {}): Value {
  const y = conv2d(g, x, g.weight(`${prefix}.c.weight`), undefined, options);
  const [scale, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((name) =>
    g.weight(`${prefix}.bn.${name}`),
  ) as [Value, Value, Value, Value];
  return batchNormalization(g, y, scale, bias, mean, variance, TINY_VIT_EPSILON);
}
