import {
  createShapeReader,
  invalidCheckpoint,
  type ShapeReader,
  unsupportedCheckpoint,
} from "@segany/graph/weights";
import type { InferredModel, Tensors } from "../../model/model-family.js";
import type { Architecture, DecoderArchitecture } from "./architecture.js";
import { inferTinyVit, tinyVitMarker } from "./infer-tiny-vit.js";
import { inferVit, vitMarker } from "./infer-vit.js";

/** Name of an architecture: a published model, or the kind of encoder for other parameters. */
export type ArchitectureName = "vit_b" | "vit_l" | "vit_h" | "mobile_sam" | "vit" | "tiny_vit";

/** Heads can't be inferred from the decoder's shapes; every SAM has 8. */
const decoderHeads = 8;

/**
 * Infers all parameters from the shapes of a checkpoint's tensors, so that a fine-tuned or custom model needs
 * no configuration. Unknown keys (HQ-SAM's, classification heads, instance decoders) are ignored.
 *
 * @param tensors under Meta's key names
 * @throws SamError `checkpoint-invalid` for a missing key or contradictory shapes, `checkpoint-unsupported`
 *   for another kind of encoder
 */
export function inferArchitecture(tensors: Tensors): InferredModel<Architecture> {
  const shapes = createShapeReader(tensors);
  const encoder = inferEncoder(shapes, tensors);
  const architecture = { encoder, decoder: inferDecoder(shapes, encoder.outChannels) };
  return { name: nameEncoder(encoder), architecture };
}

/** The published model with these parameters (paper, appendix A, and MobileSAM), or the kind. */
function nameEncoder(encoder: Architecture["encoder"]): ArchitectureName {
  switch (encoder.kind) {
    case "vit": {
      const { embedDim, depth, numHeads } = encoder;
      const published = { "768/12/12": "vit_b", "1024/24/16": "vit_l", "1280/32/16": "vit_h" } as const;
      return published[`${embedDim}/${depth}/${numHeads}` as keyof typeof published] ?? "vit";
    }
    case "tiny_vit":
      return `${encoder.embedDims}/${encoder.depths}` === "64,128,160,320/2,2,6,2"
        ? "mobile_sam"
        : "tiny_vit";
  }
}

function inferEncoder(shapes: ShapeReader, tensors: Tensors): Architecture["encoder"] {
  if (shapes.has(vitMarker)) return inferVit(shapes);
  if (shapes.has(tinyVitMarker)) return inferTinyVit(shapes);
  const other = [...tensors.keys()].find((key) => key.startsWith("image_encoder."));
  throw unsupportedCheckpoint(
    `The image encoder is neither SAM's ViT nor MobileSAM's TinyViT (it has "${other}" and no "${vitMarker}").`,
  );
}

/** Infers the parameters of prompt encoder and mask decoder from their shapes. */
export function inferDecoder(shapes: ShapeReader, embeddingChannels: number): DecoderArchitecture {
  const transformerDim = embeddingChannels;
  shapes.shape("mask_decoder.iou_token.weight", [1, transformerDim]);
  const [numMaskTokens] = shapes.shape("mask_decoder.mask_tokens.weight", [null, transformerDim]);
  const depth = shapes.count("mask_decoder.transformer.layers.");
  if (depth === 0) throw invalidCheckpoint('The checkpoint has no "mask_decoder.transformer.layers.0".');
  const layer = "mask_decoder.transformer.layers.0.";
  const [mlpDim] = shapes.shape(`${layer}mlp.lin1.weight`, [null, transformerDim]);
  const crossKey = `${layer}cross_attn_token_to_image.q_proj.weight`;
  const [attentionDim] = shapes.shape(crossKey, [null, transformerDim]);
  if (attentionDim % decoderHeads !== 0 || transformerDim % decoderHeads !== 0) {
    throw unsupportedCheckpoint(
      `"${crossKey}" has ${attentionDim} rows, which the decoder's 8 heads cannot share.`,
    );
  }
  shapes.shape("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", [2, transformerDim / 2]);
  for (let index = 0; index < 4; index++) {
    shapes.shape(`prompt_encoder.point_embeddings.${index}.weight`, [1, transformerDim]);
  }
  const [maskInChannels] = shapes.shape("prompt_encoder.mask_downscaling.3.weight", [null, null, 2, 2]);
  shapes.shape("prompt_encoder.mask_downscaling.6.weight", [transformerDim, maskInChannels, 1, 1]);
  const upscaledKey = "mask_decoder.output_upscaling.3.weight";
  const [, upscaledDim] = shapes.shape(upscaledKey, [null, null, 2, 2]);
  for (let index = 0; index < numMaskTokens; index++) {
    shapes.shape(`mask_decoder.output_hypernetworks_mlps.${index}.layers.2.weight`, [upscaledDim, null]);
  }
  return {
    transformerDim,
    depth,
    numHeads: decoderHeads,
    attentionDim,
    mlpDim,
    numMaskTokens,
    maskInChannels,
  };
}
