import type { GraphBuilder } from "../../graph/builder.js";
import { biasGelu } from "../../graph/ops/contrib.js";
import { gelu, relu } from "../../graph/ops/elementwise.js";
import { gemm, matmul } from "../../graph/ops/linear.js";
import { concat, gather, reshape, squeeze, transpose, unsqueeze } from "../../graph/ops/shaping.js";
import { product } from "../../graph/shape.js";
import type { Value } from "../../graph/types.js";
import { layerNorm } from "../layers.js";
import { HEAD_LAYERS } from "../mask-decoder.js";
import { pixelBias, pixelColumns } from "./decoder-constants.js";
import { linearRows } from "./linear.js";

const UPSCALING = "mask_decoder.output_upscaling";

/**
 * Logits BxMx4Sx4S of the mask tokens BxMxC over the cells BxSSxC. A transposed convolution whose kernel is its stride
 * is a linear layer that gives each cell four pixels; the pixels are put in their places once, on the finished masks.
 *
 * @param tokens the mask tokens, one a mask, Bx1xC each
 * @param first number of the first of these tokens
 */
export function maskLogits(
  g: GraphBuilder,
  tokens: readonly Value[],
  first: number,
  imageTokens: Value,
  side: number,
): Value {
  const hyper = tokens.map((token, i) =>
    unsqueeze(g, tokenHead(g, token, `mask_decoder.output_hypernetworks_mlps.${first + i}`), [1]),
  ); // Bx1xC/8 each
  const pixels = upscaledPixels(g, imageTokens); // Bx16SSxC/8
  const hyperColumns = transpose(g, concat(g, hyper, 1), [0, 2, 1]); // BxC/8xM
  const logits = matmul(g, pixels, hyperColumns); // Bx16SSxM
  const [batch, , masks] = logits.shape;
  const nested = reshape(g, logits, [batch!, side, side, 2, 2, 2, 2, masks!]); // B y x, then dy dx twice, M
  const placed = transpose(g, nested, [0, 7, 1, 3, 5, 2, 4, 6]);
  return reshape(g, placed, [batch!, masks!, 4 * side, 4 * side]);
}

/** Predicted IoU BxM of the wanted masks from the IoU token Bx1xC. */
export function predictedIou(g: GraphBuilder, token: Value, masks: readonly number[]): Value {
  return gather(g, tokenHead(g, token, "mask_decoder.iou_prediction_head"), g.ints(masks), 1);
}

/** A three-layer head on one token a prompt: Bx1xC becomes BxK. */
function tokenHead(g: GraphBuilder, token: Value, prefix: string): Value {
  let x = squeeze(g, token, [1]);
  for (let layer = 0; layer < HEAD_LAYERS; layer++) {
    x = linearRows(g, layer === 0 ? x : relu(g, x), `${prefix}.layers.${layer}`);
  }
  return x;
}

/** Sixteen pixels for each cell, in the order cell, dy, dx, dy', dx'. */
function upscaledPixels(g: GraphBuilder, imageTokens: Value): Value {
  const [batch, cells, channels] = imageTokens.shape;
  const key = (i: number, part: string) => `${UPSCALING}.${i}.${part}`;
  let x = reshape(g, imageTokens, [product([batch!, cells!]), channels!]);
  x = gemm(g, x, pixelColumns(g, key(0, "weight")), pixelBias(g, key(0, "bias"))); // (B·SS)xC
  x = gelu(g, layerNorm(g, fourRows(g, x), `${UPSCALING}.1`, 1e-6)); // (B·4SS)xC/4
  // A product this narrow spends much of its time on a bias, which the next operation adds in passing.
  x = biasGelu(g, matmul(g, x, pixelColumns(g, key(3, "weight"))), pixelBias(g, key(3, "bias")));
  return reshape(g, x, [batch!, 16 * Number(cells), Number(channels) / 8]);
}

/** Rows of four pixels become four rows. */
function fourRows(g: GraphBuilder, rows: Value): Value {
  const [count, width] = rows.shape;
  return reshape(g, rows, [product([4, count!]), Number(width) / 4]);
}
