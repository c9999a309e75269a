import type { GraphBuilder } from "../../graph/builder.js";
import { fusedMatMul } from "../../graph/ops/contrib.js";
import { gelu, relu } from "../../graph/ops/elementwise.js";
import { gemm } from "../../graph/ops/linear.js";
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
    unsqueeze(g, headRows(g, token, `mask_decoder.output_hypernetworks_mlps.${first + i}`), [1]),
  ); // Bx1xC/8 each
  const pixels = upscaledPixels(g, imageTokens); // Bx16SSxC/8
  const logits = fusedMatMul(g, concat(g, hyper, 1), pixels, { transB: true }); // BxMx16SS
  const [batch, masks] = logits.shape;
  const nested = reshape(g, logits, [batch!, masks!, side, side, 2, 2, 2, 2]); // B M y x, then dy dx twice
  const placed = transpose(g, nested, [0, 1, 2, 4, 6, 3, 5, 7]);
  return reshape(g, placed, [batch!, masks!, 4 * side, 4 * side]);
}

/** Predicted IoU BxM of the wanted masks from the IoU token Bx1xC. */
export function predictedIou(g: GraphBuilder, token: Value, masks: readonly number[]): Value {
  return gather(g, headRows(g, token, "mask_decoder.iou_prediction_head"), g.ints(masks), 1);
}

/** A three-layer head on one token a prompt: Bx1xC becomes BxK. */
function headRows(g: GraphBuilder, token: Value, prefix: string): Value {
  let x = squeeze(g, token, [1]);
  for (let layer = 0; layer < HEAD_LAYERS; layer++) {
    x = linearRows(g, layer === 0 ? x : relu(g, x), `${prefix}.layers.${layer}`);
  }
  return x;
}

/** Sixteen pixels for each cell, in the order cell, dy, dx, dy', dx'. */
function upscaledPixels(g: GraphBuilder, imageTokens: Value): Value {
  const [batch, cells, channels] = imageTokens.shape;
  let x = reshape(g, imageTokens, [product([batch!, cells!]), channels!]);
  x = quadruple(g, x, 0); // (B·4SS)xC/4
  x = gelu(g, layerNorm(g, x, `${UPSCALING}.1`, 1e-6));
  x = gelu(g, quadruple(g, x, 3)); // (B·16SS)xC/8
  return reshape(g, x, [batch!, 16 * Number(cells), x.shape[1]!]);
}

/** Four rows for each row: a transposed convolution with stride 2. */
function quadruple(g: GraphBuilder, rows: Value, index: number): Value {
  const key = `${UPSCALING}.${index}`;
  const columns = pixelColumns(g, `${key}.weight`);
  const product4 = gemm(g, rows, columns, pixelBias(g, `${key}.bias`)); // Rx(4·out)
  return reshape(g, product4, [product([4, rows.shape[0]!]), Number(columns.shape[1]) / 4]);
}
