/** The tensors of a SAM with a ViT encoder, for one that starts without a checkpoint. */
import { type TensorInfo, unsupportedCheckpoint } from "@segany/graph/weights";
import type { Architecture, DecoderArchitecture, VitArchitecture } from "./architecture.js";
import { blockWindow, VIT_PREFIX } from "./image-encoder-vit.js";
import { inferArchitecture } from "./infer-architecture.js";
import { GAUSSIAN_KEY } from "./positional-encoding.js";

/** Shapes by key. */
export type NamedShapes = Record<string, readonly number[]>;

/** The parameters of a SAM with a ViT encoder: plain data. */
export interface VitSamArchitecture {
  readonly encoder: VitArchitecture;
  readonly decoder: DecoderArchitecture;
}

/**
 * The tensors of a whole model, by key, in a checkpoint's order.
 *
 * @throws SamError `checkpoint-unsupported` if a checkpoint of these shapes would be read as another network;
 *   the message names the parameters that differ
 */
export function samWeightShapes(architecture: VitSamArchitecture): ReadonlyMap<string, TensorInfo> {
  const { encoder, decoder } = architecture;
  const shapes = { ...vitWeightShapes(encoder), ...decoderWeightShapes({ decoder }) };
  const tensors = new Map(
    Object.entries(shapes).map(([key, shape]): [string, TensorInfo] => [key, { dtype: "float32", shape }]),
  );
  const read = inferArchitecture(tensors).architecture;
  const differing = [...differences(encoder, read.encoder), ...differences(decoder, read.decoder)];
  if (differing.length === 0) return tensors;
  throw unsupportedCheckpoint(`A checkpoint can't tell of such a model: ${differing.join("; ")}.`);
}

function differences(given: object, read: object): string[] {
  const others: Record<string, unknown> = { ...read };
  return Object.entries(given).flatMap(([name, value]) =>
    `${value}` === `${others[name]}` ? [] : [`${name} is ${value}, and would be read as ${others[name]}`],
  );
}

/** Shapes by key, under `image_encoder.`. */
export function vitWeightShapes(architecture: VitArchitecture): NamedShapes {
  const { imageSize, patchSize, embedDim, depth, outChannels } = architecture;
  const grid = imageSize / patchSize;
  const shapes: NamedShapes = {
    pos_embed: [1, grid, grid, embedDim],
    "neck.0.weight": [outChannels, embedDim, 1, 1],
    "neck.2.weight": [outChannels, outChannels, 3, 3],
  };
  addPair(shapes, "patch_embed.proj", [embedDim, 3, patchSize, patchSize]);
  for (const norm of ["neck.1", "neck.3"]) addPair(shapes, norm, [outChannels]);
  for (let index = 0; index < depth; index++) addBlock(shapes, architecture, index);
  return Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [`${VIT_PREFIX}.${key}`, shape]));
}

function addBlock(shapes: NamedShapes, architecture: VitArchitecture, index: number): void {
  const { imageSize, patchSize, embedDim, numHeads, mlpDim, useRelPos } = architecture;
  const prefix = `blocks.${index}`;
  for (const norm of ["norm1", "norm2"]) addPair(shapes, `${prefix}.${norm}`, [embedDim]);
  addPair(shapes, `${prefix}.attn.qkv`, [3 * embedDim, embedDim]);
  addPair(shapes, `${prefix}.attn.proj`, [embedDim, embedDim]);
  addPair(shapes, `${prefix}.mlp.lin1`, [mlpDim, embedDim]);
  addPair(shapes, `${prefix}.mlp.lin2`, [embedDim, mlpDim]);
  if (!useRelPos) return;
  const rows = 2 * (blockWindow(architecture, index) || imageSize / patchSize) - 1;
  for (const axis of ["h", "w"]) shapes[`${prefix}.attn.rel_pos_${axis}`] = [rows, embedDim / numHeads];
}

function addPair(shapes: NamedShapes, prefix: string, shape: readonly number[], biasAxis = 0): void {
  shapes[`${prefix}.weight`] = shape;
  shapes[`${prefix}.bias`] = [shape[biasAxis]!];
}

/** Shapes by key, under `prompt_encoder.` and `mask_decoder.`. */
export function decoderWeightShapes({ decoder }: Pick<Architecture, "decoder">): NamedShapes {
  const shapes: NamedShapes = {};
  addPromptEncoder(shapes, decoder);
  addTransformer(shapes, decoder);
  addHeads(shapes, decoder);
  return shapes;
}

function addPromptEncoder(shapes: NamedShapes, decoder: DecoderArchitecture): void {
  const { transformerDim: dim, maskInChannels } = decoder;
  shapes[GAUSSIAN_KEY] = [2, dim / 2];
  const embeddings = ["not_a_point_embed", "no_mask_embed"];
  for (let label = 0; label < 4; label++) embeddings.push(`point_embeddings.${label}`);
  for (const name of embeddings) shapes[`prompt_encoder.${name}.weight`] = [1, dim];
  const downscaling = "prompt_encoder.mask_downscaling";
  addPair(shapes, `${downscaling}.0`, [maskInChannels / 4, 1, 2, 2]);
  addPair(shapes, `${downscaling}.1`, [maskInChannels / 4]);
  addPair(shapes, `${downscaling}.3`, [maskInChannels, maskInChannels / 4, 2, 2]);
  addPair(shapes, `${downscaling}.4`, [maskInChannels]);
  addPair(shapes, `${downscaling}.6`, [dim, maskInChannels, 1, 1]);
}

function addTransformer(shapes: NamedShapes, decoder: DecoderArchitecture): void {
  const { transformerDim: dim, attentionDim, mlpDim, depth } = decoder;
  const prefix = "mask_decoder.transformer";
  const attention = (name: string, width: number) => {
    for (const part of ["q_proj", "k_proj", "v_proj"])
      addPair(shapes, `${prefix}.${name}.${part}`, [width, dim]);
    addPair(shapes, `${prefix}.${name}.out_proj`, [dim, width]);
  };
  for (let index = 0; index < depth; index++) {
    const layer = `layers.${index}`;
    attention(`${layer}.self_attn`, dim);
    attention(`${layer}.cross_attn_token_to_image`, attentionDim);
    attention(`${layer}.cross_attn_image_to_token`, attentionDim);
    addPair(shapes, `${prefix}.${layer}.mlp.lin1`, [mlpDim, dim]);
    addPair(shapes, `${prefix}.${layer}.mlp.lin2`, [dim, mlpDim]);
    for (const norm of [1, 2, 3, 4]) addPair(shapes, `${prefix}.${layer}.norm${norm}`, [dim]);
  }
  attention("final_attn_token_to_image", attentionDim);
  addPair(shapes, `${prefix}.norm_final_attn`, [dim]);
}

function addHeads(shapes: NamedShapes, { transformerDim: dim, numMaskTokens }: DecoderArchitecture): void {
  const prefix = "mask_decoder";
  shapes[`${prefix}.iou_token.weight`] = [1, dim];
  shapes[`${prefix}.mask_tokens.weight`] = [numMaskTokens, dim];
  addPair(shapes, `${prefix}.output_upscaling.0`, [dim, dim / 4, 2, 2], 1);
  addPair(shapes, `${prefix}.output_upscaling.1`, [dim / 4]);
  addPair(shapes, `${prefix}.output_upscaling.3`, [dim / 4, dim / 8, 2, 2], 1);
  const head = (name: string, outputs: number) => {
    for (const [layer, rows] of [dim, dim, outputs].entries())
      addPair(shapes, `${prefix}.${name}.layers.${layer}`, [rows, dim]);
  };
  for (let i = 0; i < numMaskTokens; i++) head(`output_hypernetworks_mlps.${i}`, dim / 8);
  head("iou_prediction_head", numMaskTokens);
}
