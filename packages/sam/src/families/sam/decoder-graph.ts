import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { slice } from "@segany/graph/ops";
import type { DecoderOptions } from "../../model/graph-options.js";
import { type Architecture, embeddingSide } from "./architecture.js";
import { declarePromptInputs, wantedMasks } from "./decoder-inputs.js";
import { type MaskHead, type MaskPredictions, outputTokenCount, predictMasks } from "./mask-decoder.js";
import { embedDensePrompt, embedSparsePrompts, excludedTokenBias } from "./prompt-encoder.js";

/**
 * Prompt encoder and mask decoder in plain form: standard operators, weights as leaves under their original
 * keys.
 *
 * Inputs: `image_embeddings` 1xCxSxS and the prompts of {@link declarePromptInputs}. Outputs:
 * `iou_predictions` BxM and `low_res_logits` BxMx4Sx4S. B (prompts), N (points a prompt) and K (extra tokens)
 * are free when it runs.
 *
 * @throws SamError `checkpoint-invalid` when the checkpoint lacks one of the tensors
 */
export function buildDecoder(
  weights: WeightShapes,
  architecture: Architecture,
  options: DecoderOptions,
): Graph {
  const g = createGraphBuilder("decoder", weights);
  const side = embeddingSide(architecture.encoder);
  const { transformerDim, numMaskTokens } = architecture.decoder;
  const imageEmbeddings = g.input("image_embeddings", "float32", [1, transformerDim, side, side]);
  const { masks, iouPredictions } = decode(g, architecture, imageEmbeddings, options);
  const { first, count } = wantedMasks(options.masks, numMaskTokens);
  g.output("iou_predictions", slice(g, iouPredictions, 1, first, first + count)); // BxM
  g.output("low_res_logits", slice(g, masks, 1, first, first + count)); // BxMx4Sx4S
  return g.finish();
}

/** Prompt encoder and mask decoder on an image's embedding 1xCxSxS: the masks of all mask tokens. */
export function decode(
  g: GraphBuilder,
  architecture: Architecture,
  imageEmbeddings: Value,
  options: Omit<DecoderOptions, "masks">,
  head?: MaskHead,
): MaskPredictions {
  const prompts = declarePromptInputs(g, architecture, options);
  const inputs = {
    imageEmbeddings,
    sparsePrompts: embedSparsePrompts(g, prompts, architecture.encoder.imageSize),
    densePrompt: embedDensePrompt(g, prompts),
    tokenBias: options.ragged ? excludedTokenBias(g, prompts, outputTokenCount(architecture)) : undefined,
  };
  return predictMasks(g, architecture, inputs, head);
}
