/**
 * The end of the mask decoder on cells instead of pixels, for training: the numbers of `pixelLogits` from the
 * same weights, with fewer transpositions forwards and backwards. A transposed convolution whose kernel is
 * its stride is a linear layer that gives each cell four pixels, and whatever follows sees one pixel at a
 * time. So channels stay last, and only the logits themselves are put in the order of rows.
 */
import { type GraphBuilder, product, type Value } from "@segany/graph";
import { concat, gelu, gemm, matmul, reshape, transpose } from "@segany/graph/ops";
import { layerNorm } from "./layers.js";

const PREFIX = "mask_decoder.output_upscaling";
/** Pixels that a layer makes of one. */
const PIXELS = 4;

/**
 * @param imageTokens cells after the transformer, row by row, BxSSxC
 * @param hyper what each mask token's hypernetwork makes, BxMxC/8
 * @returns logits BxMx4Sx4S
 */
export function cellLogits(g: GraphBuilder, imageTokens: Value, hyper: Value, side: number): Value {
  const [batch, cells, channels] = imageTokens.shape as [number, number, number];
  const rows = reshape(g, imageTokens, [product([batch, cells]), channels]);
  const normal = gelu(g, layerNorm(g, fourPixels(g, rows, `${PREFIX}.0`), `${PREFIX}.1`, 1e-6));
  const fine = gelu(g, fourPixels(g, normal, `${PREFIX}.3`)); // B16SSxC/8
  const pixels = reshape(g, fine, [batch, PIXELS ** 2 * cells, fine.shape[1]!]);
  return inRows(g, matmul(g, pixels, transpose(g, hyper, [0, 2, 1])), side);
}

/** Each of the pixels NxC becomes four of C' channels, 4NxC': the upper two, then the lower two. */
function fourPixels(g: GraphBuilder, rows: Value, prefix: string): Value {
  const weight = g.weight(`${prefix}.weight`); // C x C' x 2 x 2
  const bias = g.weight(`${prefix}.bias`);
  const [inputs, outputs] = weight.shape as [number, number];
  const matrix = reshape(g, transpose(g, weight, [2, 3, 1, 0]), [PIXELS * outputs, inputs]);
  const biases = concat(g, Array<Value>(PIXELS).fill(bias), 0);
  const pixels = gemm(g, rows, matrix, biases, { transB: true });
  return reshape(g, pixels, [product([PIXELS, rows.shape[0]!]), outputs]);
}

/** From cells, four pixels in each, and four in each of these, Bx16SSxM, to rows: BxMx4Sx4S. */
function inRows(g: GraphBuilder, logits: Value, side: number): Value {
  const [batch, , masks] = logits.shape as [number, number, number];
  const nested = reshape(g, logits, [batch, side, side, 2, 2, 2, 2, masks]);
  const sorted = transpose(g, nested, [0, 7, 1, 3, 5, 2, 4, 6]);
  return reshape(g, sorted, [batch, masks, 4 * side, 4 * side]);
}
