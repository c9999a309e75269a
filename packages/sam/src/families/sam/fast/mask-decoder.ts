import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, concat, fusedMatMul, mul, reshape, slice, transpose } from "@segany/graph/ops";
import type { DecoderOptions } from "../../../model/graph-options.js";
import { type Architecture, embeddingSide } from "../architecture.js";
import { declarePromptInputs, type PromptInputs, wantedMasks } from "../decoder-inputs.js";
import { outputTokenCount, outputTokens } from "../mask-decoder.js";
import { downscaleMask, embedSparsePrompts, excludedTokenBias } from "../prompt-encoder.js";
import { difference } from "./decoder-constants.js";
import { declarePrepared } from "./decoder-preparation.js";
import { maskLogits, predictedIou } from "./mask-head.js";
import { projectedCells, projectWhole } from "./projected-cells.js";
import { fromRows } from "./token-rows.js";
import { fastTwoWayTransformer } from "./two-way-transformer.js";
import { firstUpscaling } from "./upscaling.js";

/**
 * The decoder in fast form. Inputs: the outputs of `buildDecoderPreparation` (with `maskInput` only
 * `image_tokens`) and the prompts of `declarePromptInputs`. Outputs as of the plain `buildDecoder`, equal to
 * it but for rounding. It pays off up to about sixteen tokens a prompt; more work, but never wrong, beyond.
 *
 * @throws SamError `checkpoint-invalid` when the checkpoint lacks one of the tensors
 */
export function buildFastDecoder(
  weights: WeightShapes,
  architecture: Architecture,
  options: DecoderOptions,
): Graph {
  const g = createGraphBuilder("fast_decoder", weights);
  const prepared = declarePrepared(g, architecture, !options.maskInput);
  const prompts = declarePromptInputs(g, architecture, options);
  const sparse = embedSparsePrompts(g, prompts, architecture.encoder.imageSize); // BxNxC
  const { first, count } = wantedMasks(options.masks, architecture.decoder.numMaskTokens);
  const masks = Array.from({ length: count }, (_, i) => first + i);
  const state = fastTwoWayTransformer(
    g,
    {
      tokens: concat(g, [outputTokens(g, sparse), sparse], 1), // Bx(5+N)xC
      imageTokens: withMasks(g, prepared.imageTokens, prompts),
      shared: prepared.shared,
      tokenBias: options.ragged ? excludedTokenBias(g, prompts, outputTokenCount(architecture)) : undefined,
      wanted: [0, ...masks.map((mask) => 1 + mask)],
    },
    architecture,
  );
  const tokens = fromRows(g, state.tokens, state.layout, [Number(state.tokens.shape[1])]); // BxWxC
  const token = (index: number) => slice(g, tokens, 1, index, index + 1); // Bx1xC
  const maskTokens = masks.map((_, i) => token(1 + i));
  g.output("iou_predictions", predictedIou(g, token(0), masks)); // BxM
  const side = embeddingSide(architecture.encoder);
  const cells = prepared.shared
    ? projectedCells(g, prepared.shared.pixels, state.steps, firstUpscaling(g), side * side)
    : firstUpscaling(g).map((layer) => projectWhole(g, state.imageTokens, layer));
  g.output("low_res_logits", maskLogits(g, maskTokens, first, cells, side)); // BxMx4Sx4S
  return g.finish();
}

/**
 * The image's cells 1xSxC with each prompt's mask: BxSxC. They come with "no mask" added already, so what a
 * mask adds is its embedding less that.
 */
function withMasks(g: GraphBuilder, imageTokens: Value, { maskInput, hasMaskInput }: PromptInputs): Value {
  if (!maskInput || !hasMaskInput) return imageTokens;
  const key = "prompt_encoder.mask_downscaling.6";
  const hidden = downscaleMask(g, maskInput, "none"); // BxhxSxS
  const [batch, width] = hidden.shape;
  const cells = imageTokens.shape[1]!;
  const [out, inner] = g.weightShape(`${key}.weight`);
  const columns = transpose(g, reshape(g, g.weight(`${key}.weight`), [out!, inner!]), [1, 0]); // hxC
  // BxSxC
  const embedded = fusedMatMul(g, reshape(g, hidden, [batch!, width!, cells]), columns, { transA: true });
  const change = add(g, embedded, difference(g, `${key}.bias`, "prompt_encoder.no_mask_embed.weight"));
  return add(g, imageTokens, mul(g, reshape(g, hasMaskInput, [batch!, 1, 1]), change));
}
