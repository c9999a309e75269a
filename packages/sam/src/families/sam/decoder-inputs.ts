import type { GraphBuilder, Value } from "@segany/graph";
import type { DecoderOptions } from "../../model/graph-options.js";
import type { MaskTokens } from "../../model/prompt-batch.js";
import { type Architecture, maskSide } from "./architecture.js";

/** The prompts as they enter a decoder graph; B prompts of N points each, K extra tokens. */
export interface PromptInputs {
  /** BxNx2 pixels (x, y) of the model's padded input frame. */
  readonly pointCoords: Value;
  /** BxN: 1 foreground, 0 background, 2 and 3 a box's first and last corner, -1 not a point, -2 excluded. */
  readonly pointLabels: Value;
  /** Bx1xSxS logits, S = four times the embedding's side. */
  readonly maskInput?: Value;
  /** B numbers: 1 where the prompt has a mask, 0 where its mask is to be ignored. */
  readonly hasMaskInput?: Value;
  /** BxKxC tokens in the decoder's own space. */
  readonly extraTokens?: Value;
}

/** Declares the prompt inputs that `options` ask for. */
export function declarePromptInputs(
  g: GraphBuilder,
  architecture: Architecture,
  options: Omit<DecoderOptions, "masks">,
): PromptInputs {
  const side = maskSide(architecture.encoder);
  return {
    pointCoords: g.input("point_coords", "float32", ["B", "N", 2]),
    pointLabels: g.input("point_labels", "float32", ["B", "N"]),
    ...(options.maskInput && {
      maskInput: g.input("mask_input", "float32", ["B", 1, side, side]),
      hasMaskInput: g.input("has_mask_input", "float32", ["B"]),
    }),
    ...(options.extraTokens && {
      extraTokens: g.input("extra_tokens", "float32", ["B", "K", architecture.decoder.transformerDim]),
    }),
  };
}

/** First and number of the mask tokens that `masks` asks for. */
export function wantedMasks(
  masks: MaskTokens,
  numMaskTokens: number,
): { readonly first: number; readonly count: number } {
  switch (masks) {
    case "single":
      return { first: 0, count: 1 };
    case "three":
      return { first: 1, count: numMaskTokens - 1 };
    case "four":
      return { first: 0, count: numMaskTokens };
  }
}
