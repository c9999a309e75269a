import type { GraphBuilder, Value } from "@segany/graph";
import {
  add,
  concat,
  convTranspose2d,
  expand,
  gelu,
  matmul,
  reshape,
  shapeOf,
  slice,
  squeeze,
  transpose,
} from "@segany/graph/ops";
import { type Architecture, embeddingSide } from "./architecture.js";
import { layerNorm2d, mlp } from "./layers.js";
import { encodeGrid } from "./positional-encoding.js";
import type { GeluForm } from "./prompt-encoder.js";
import { twoWayTransformer } from "./two-way-transformer.js";

const PREFIX = "mask_decoder";

/** Linear layers of the IoU head and of each mask token's hypernetwork. */
export const HEAD_LAYERS = 3;

/** Tokens that the decoder itself brings: one for the IoU, one for every mask. */
export function outputTokenCount(architecture: Architecture): number {
  return 1 + architecture.decoder.numMaskTokens;
}

/** What masks are predicted from. */
export interface MaskDecoderInputs {
  /** 1xCxSxS from the image encoder. */
  readonly imageEmbeddings: Value;
  /** BxNxC tokens of points, corners and others. */
  readonly sparsePrompts: Value;
  /** BxCxSxS or 1xCx1x1, added to the image embedding. */
  readonly densePrompt: Value;
  /** Bx1x1x(5+N) bias that hides excluded tokens, where the batch may have them. */
  readonly tokenBias: Value | undefined;
}

/** Every mask token's logits BxMx4Sx4S and predicted IoU BxM. */
export interface MaskPredictions {
  readonly masks: Value;
  readonly iouPredictions: Value;
}

/**
 * Predicts the masks of all mask tokens (paper, appendix A, figure 14; Meta's `MaskDecoder.predict_masks`).
 */
export function predictMasks(
  g: GraphBuilder,
  architecture: Architecture,
  inputs: MaskDecoderInputs,
  toLogits: MaskHead = pixelLogits,
): MaskPredictions {
  const { transformerDim: channels, numMaskTokens } = architecture.decoder;
  const side = embeddingSide(architecture.encoder);
  const source = add(g, inputs.imageEmbeddings, inputs.densePrompt); // BxCxSxS
  const cells = reshape(g, source, [source.shape[0]!, channels, side * side]);
  const state = twoWayTransformer(
    g,
    {
      tokens: concat(g, [outputTokens(g, inputs.sparsePrompts), inputs.sparsePrompts], 1), // Bx(5+N)xC
      imageTokens: transpose(g, cells, [0, 2, 1]), // BxSSxC
      imagePositions: encodeGrid(g, side), // SSxC
      tokenBias: inputs.tokenBias,
    },
    architecture.decoder,
  );
  const hyper = Array.from({ length: numMaskTokens }, (_, i) =>
    mlp(g, slice(g, state.tokens, 1, 1 + i, 2 + i), `${PREFIX}.output_hypernetworks_mlps.${i}`, HEAD_LAYERS),
  ); // Bx1xC/8 each
  const iouToken = squeeze(g, slice(g, state.tokens, 1, 0, 1), [1]); // BxC
  return {
    masks: toLogits(g, state.imageTokens, concat(g, hyper, 1), side),
    iouPredictions: mlp(g, iouToken, `${PREFIX}.iou_prediction_head`, HEAD_LAYERS),
  };
}

/** The learned tokens Bx5xC, repeated for each prompt of the batch. */
export function outputTokens(g: GraphBuilder, sparsePrompts: Value): Value {
  const learned = concat(
    g,
    [g.weight(`${PREFIX}.iou_token.weight`), g.weight(`${PREFIX}.mask_tokens.weight`)],
    0,
  );
  const batch = slice(g, shapeOf(g, sparsePrompts), 0, 0, 1);
  const shape = concat(g, [batch, g.ints(learned.shape.map(Number))], 0);
  return expand(g, learned, shape, [sparsePrompts.shape[0]!, ...learned.shape]);
}

/**
 * Logits BxMx4Sx4S of image cells BxSSxC, which it brings to four times the resolution, and of the
 * hypernetworks' results BxMxC/8.
 */
export type MaskHead = (g: GraphBuilder, imageTokens: Value, hyper: Value, side: number) => Value;

/** The head as Meta's code has it. */
export function pixelLogits(
  g: GraphBuilder,
  imageTokens: Value,
  hyper: Value,
  side: number,
  form: GeluForm = "none",
): Value {
  const key = (i: number, part: string) => `${PREFIX}.output_upscaling.${i}.${part}`;
  const [batch, , channels] = imageTokens.shape;
  let x = reshape(g, transpose(g, imageTokens, [0, 2, 1]), [batch!, channels!, side, side]);
  x = convTranspose2d(g, x, g.weight(key(0, "weight")), g.weight(key(0, "bias")));
  x = gelu(g, layerNorm2d(g, x, `${PREFIX}.output_upscaling.1`), form);
  x = gelu(g, convTranspose2d(g, x, g.weight(key(3, "weight")), g.weight(key(3, "bias"))), form);
  const upscaled = reshape(g, x, [batch!, x.shape[1]!, 16 * side * side]); // BxC/8x16SS
  const logits = matmul(g, hyper, upscaled);
  return reshape(g, logits, [batch!, hyper.shape[1]!, 4 * side, 4 * side]);
}
