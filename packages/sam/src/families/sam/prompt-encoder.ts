import type { GraphBuilder, Value } from "@segany/graph";
import {
  add,
  cast,
  concat,
  conv2d,
  equal,
  expand,
  gelu,
  mul,
  pad,
  reshape,
  shapeOf,
  slice,
  sub,
  unsqueeze,
} from "@segany/graph/ops";
import { EXCLUDED, NOT_A_POINT } from "../../model/prompt-batch.js";
import type { PromptInputs } from "./decoder-inputs.js";
import { layerNorm2d } from "./layers.js";
import { encodePoints } from "./positional-encoding.js";

const PREFIX = "prompt_encoder";

/** What the GELUs compute: the exact function, or its tanh formula as Meta's export script can ask for. */
export type GeluForm = "none" | "tanh";

/**
 * Tokens BxNxC of points and box corners: their position plus what the label means. A padding point (-1) is
 * its learned embedding alone (Meta's `PromptEncoder._embed_points` and `_embed_boxes`).
 */
export function embedPoints(
  g: GraphBuilder,
  { pointCoords, pointLabels }: PromptInputs,
  imageSize: number,
): Value {
  const labels = unsqueeze(g, pointLabels, [2]); // BxNx1
  const is = (label: number) => cast(g, equal(g, labels, g.scalar(label)), "float32");
  const notAPoint = is(NOT_A_POINT);
  const position = encodePoints(g, pointCoords, imageSize); // BxNxC
  const parts = [
    mul(g, position, sub(g, g.scalar(1), notAPoint)),
    mul(g, notAPoint, g.weight(`${PREFIX}.not_a_point_embed.weight`)),
    ...[0, 1, 2, 3].map((label) => mul(g, is(label), g.weight(`${PREFIX}.point_embeddings.${label}.weight`))),
  ];
  return parts.reduce((sum, part) => add(g, sum, part)); // BxNxC
}

/** The prompt tokens of the decoder: points and corners, then extra tokens, Bx(N+K)xC. */
export function embedSparsePrompts(g: GraphBuilder, prompts: PromptInputs, imageSize: number): Value {
  const points = embedPoints(g, prompts, imageSize);
  return prompts.extraTokens ? concat(g, [points, prompts.extraTokens], 1) : points;
}

/**
 * Bias on attention scores that takes excluded tokens out of sight: Bx1x1xT, 0 or so low that the softmax
 * gives exactly zero. T counts `outputTokens` (iou and mask tokens, always seen), the points, and extra
 * tokens (always seen).
 */
export function excludedTokenBias(
  g: GraphBuilder,
  { pointLabels, extraTokens }: PromptInputs,
  outputTokens: number,
): Value {
  const size = extraTokens && slice(g, shapeOf(g, extraTokens), 0, 0, 2);
  const labels = size
    ? concat(g, [pointLabels, expand(g, g.scalar(0), size, extraTokens.shape.slice(0, 2))], 1)
    : pointLabels; // Bx(N+K)
  const excluded = cast(g, equal(g, labels, g.scalar(EXCLUDED)), "float32");
  const bias = pad(g, mul(g, excluded, g.scalar(-1e9)), [0, outputTokens, 0, 0]); // BxT
  return unsqueeze(g, bias, [1, 2]);
}

/** Hidden channels of a mask prompt before the last convolution: logits Bx1x4Sx4S become BxHxSxS. */
export function downscaleMask(g: GraphBuilder, maskInput: Value, form: GeluForm): Value {
  const key = (i: number, part: string) => `${PREFIX}.mask_downscaling.${i}.${part}`;
  let x = maskInput;
  for (const i of [0, 3]) {
    x = conv2d(g, x, g.weight(key(i, "weight")), g.weight(key(i, "bias")), { stride: 2 });
    x = gelu(g, layerNorm2d(g, x, `${PREFIX}.mask_downscaling.${i + 1}`), form);
  }
  return x;
}

/** What is added to the image embedding for want of a mask prompt: 1xCx1x1. */
export function embedNoMask(g: GraphBuilder): Value {
  const weight = g.weight(`${PREFIX}.no_mask_embed.weight`); // 1xC
  return reshape(g, weight, [1, weight.shape[1]!, 1, 1]);
}

/**
 * What is added to the image embedding, BxCxSxS: the embedded mask where the prompt has one, the learned "no
 * mask" elsewhere (Meta's `_embed_masks`; mixing the two by a number, as its ONNX export does, keeps the
 * graph free of branches).
 */
export function embedMasks(g: GraphBuilder, maskInput: Value, hasMaskInput: Value, form: GeluForm): Value {
  const key = `${PREFIX}.mask_downscaling.6`;
  const hidden = downscaleMask(g, maskInput, form);
  const embedded = conv2d(g, hidden, g.weight(`${key}.weight`), g.weight(`${key}.bias`)); // BxCxSxS
  const has = reshape(g, hasMaskInput, [hasMaskInput.shape[0]!, 1, 1, 1]);
  return add(g, mul(g, has, embedded), mul(g, sub(g, g.scalar(1), has), embedNoMask(g)));
}

/** The dense prompt that is added to the image embedding: BxCxSxS, or 1xCx1x1 in graphs that take no mask. */
export function embedDensePrompt(g: GraphBuilder, prompts: PromptInputs, form: GeluForm = "none"): Value {
  const { maskInput, hasMaskInput } = prompts;
  return maskInput && hasMaskInput ? embedMasks(g, maskInput, hasMaskInput, form) : embedNoMask(g);
}
