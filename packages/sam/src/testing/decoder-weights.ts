/**
 * For tests: the tensors that a prompt encoder and mask decoder have, and a small architecture to make up
 * weights for.
 */
import type { Architecture } from "../families/sam/architecture.js";

/** A decoder that runs in milliseconds: an 8x8 embedding of 32 channels. */
export const SMALL_ARCHITECTURE: Architecture = {
  encoder: {
    kind: "vit",
    imageSize: 128,
    patchSize: 16,
    embedDim: 8,
    depth: 1,
    numHeads: 1,
    mlpDim: 8,
    windowSize: 4,
    globalAttnIndexes: [0],
    useRelPos: true,
    outChannels: 32,
  },
  decoder: {
    transformerDim: 32,
    depth: 2,
    numHeads: 4,
    attentionDim: 16,
    mlpDim: 48,
    numMaskTokens: 4,
    maskInChannels: 8,
  },
};

/** Shapes by key, under `prompt_encoder.` and `mask_decoder.`. */
export function decoderWeightShapes({ decoder }: Architecture): Record<string, readonly number[]> {
  const { transformerDim: dim, attentionDim, mlpDim, numMaskTokens, maskInChannels } = decoder;
  const shapes: Record<string, readonly number[]> = {
    "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix": [2, dim / 2],
    "prompt_encoder.not_a_point_embed.weight": [1, dim],
    "prompt_encoder.no_mask_embed.weight": [1, dim],
    "mask_decoder.iou_token.weight": [1, dim],
    "mask_decoder.mask_tokens.weight": [numMaskTokens, dim],
  };
  const pair = (prefix: string, shape: readonly number[], biasAxis = 0) => {
    shapes[`${prefix}.weight`] = shape;
    shapes[`${prefix}.bias`] = [shape[biasAxis]!];
  };
  for (let label = 0; label < 4; label++)
    shapes[`prompt_encoder.point_embeddings.${label}.weight`] = [1, dim];
  const downscaling = "prompt_encoder.mask_downscaling";
  pair(`${downscaling}.0`, [maskInChannels / 4, 1, 2, 2]);
  pair(`${downscaling}.1`, [maskInChannels / 4]);
  pair(`${downscaling}.3`, [maskInChannels, maskInChannels / 4, 2, 2]);
  pair(`${downscaling}.4`, [maskInChannels]);
  pair(`${downscaling}.6`, [dim, maskInChannels, 1, 1]);

  const transformer = "mask_decoder.transformer";
  const attention = (prefix: string, width: number) => {
    for (const name of ["q_proj", "k_proj", "v_proj"]) pair(`${prefix}.${name}`, [width, dim]);
    pair(`${prefix}.out_proj`, [dim, width]);
  };
  for (let layer = 0; layer < decoder.depth; layer++) {
    const prefix = `${transformer}.layers.${layer}`;
    attention(`${prefix}.self_attn`, dim);
    attention(`${prefix}.cross_attn_token_to_image`, attentionDim);
    attention(`${prefix}.cross_attn_image_to_token`, attentionDim);
    pair(`${prefix}.mlp.lin1`, [mlpDim, dim]);
    pair(`${prefix}.mlp.lin2`, [dim, mlpDim]);
    for (const norm of [1, 2, 3, 4]) pair(`${prefix}.norm${norm}`, [dim]);
  }
  attention(`${transformer}.final_attn_token_to_image`, attentionDim);
  pair(`${transformer}.norm_final_attn`, [dim]);

  pair("mask_decoder.output_upscaling.0", [dim, dim / 4, 2, 2], 1);
  pair("mask_decoder.output_upscaling.1", [dim / 4]);
  pair("mask_decoder.output_upscaling.3", [dim / 4, dim / 8, 2, 2], 1);
  const head = (prefix: string, outputs: number) => {
    for (const [layer, rows] of [dim, dim, outputs].entries()) pair(`${prefix}.layers.${layer}`, [rows, dim]);
  };
  for (let i = 0; i < numMaskTokens; i++) head(`mask_decoder.output_hypernetworks_mlps.${i}`, dim / 8);
  head("mask_decoder.iou_prediction_head", numMaskTokens);
  return shapes;
}
