import type { GraphBuilder, Value } from "@segany/graph";
import { concat, gather, matmul, relu, reshape, squeeze, transpose, unsqueeze } from "@segany/graph/ops";
import { HEAD_LAYERS } from "../mask-decoder.js";
import { linearRows } from "./linear.js";
import { finePixels } from "./upscaling.js";

/**
 * Logits BxMx4Sx4S of the mask tokens over the upscaled cells.
 *
 * @param tokens the mask tokens, one a mask, Bx1xC each
 * @param first number of the first of these tokens
 * @param cells each cell's two rows of pixels after the first layer of the upscaling, BxSSxN each; see
 *   `firstUpscaling`
 */
export function maskLogits(
  g: GraphBuilder,
  tokens: readonly Value[],
  first: number,
  cells: readonly Value[],
  side: number,
): Value {
  const hyper = tokens.map((token, i) =>
    unsqueeze(g, tokenHead(g, token, `mask_decoder.output_hypernetworks_mlps.${first + i}`), [1]),
  ); // Bx1xC/8 each
  const hyperColumns = transpose(g, concat(g, hyper, 1), [0, 2, 1]); // BxC/8xM
  const rows = finePixels(g, cells).map((pixels) => {
    const logits = transpose(g, matmul(g, pixels, hyperColumns), [0, 2, 1]); // BxMx4SS
    return reshape(g, logits, [logits.shape[0]!, tokens.length, side, 1, 4 * side]);
  });
  const [batch, masks] = rows[0]!.shape;
  return reshape(g, concat(g, rows, 3), [batch!, masks!, 4 * side, 4 * side]);
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
