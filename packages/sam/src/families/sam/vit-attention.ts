/**
 * Multi-head self-attention of the ViT encoder with decomposed relative positions (Meta's
 * `image_encoder.Attention`).
 */

import type { GraphBuilder, Value } from "@segany/graph";
import { add, matmul, mul, reshape, softmax, split, transpose } from "@segany/graph/ops";
import { SamError } from "@segany/masks";
import type { VitArchitecture } from "./architecture.js";
import { linear } from "./layers.js";
import { relativePositions } from "./relative-position.js";

/**
 * Width of one head, from the shape of the output projection [C, heads·d]: in a pruned encoder heads·d need
 * not be C.
 *
 * @throws SamError `checkpoint-invalid` when the heads don't share the width evenly
 */
export function headWidth(g: GraphBuilder, prefix: string, numHeads: number): number {
  const key = `${prefix}.proj.weight`;
  const columns = g.weightShape(key)[1]!;
  const width = columns / numHeads;
  if (Number.isInteger(width)) return width;
  throw new SamError(
    "checkpoint-invalid",
    `"${key}" has ${columns} columns, which ${numHeads} heads cannot share evenly.`,
  );
}

/**
 * Attention among the rows·columns tokens of every window: B x rows x columns x C to the same shape. With
 * relative positions a window is square.
 */
export function vitAttention(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  { numHeads, useRelPos }: Pick<VitArchitecture, "numHeads" | "useRelPos">,
): Value {
  const [batch, height, breadth] = x.shape as [number, number, number];
  const width = headWidth(g, prefix, numHeads);
  const [rows, tokens] = [batch * numHeads, height * breadth];
  const fused = reshape(g, linear(g, x, `${prefix}.qkv`), [batch, tokens, 3, numHeads, width]);
  const [q, k, v] = split(g, transpose(g, fused, [2, 0, 3, 1, 4]), [1, 1, 1], 0).map(
    (part) => reshape(g, part, [rows, tokens, width]), // (B·heads)xNxd
  ) as [Value, Value, Value];
  const scaled = mul(g, q, g.scalar(width ** -0.5));
  const products = matmul(g, scaled, transpose(g, k, [0, 2, 1])); // (B·heads)xNxN
  const scores = useRelPos ? addRelativePositions(g, products, q, prefix, height) : products;
  const mixed = reshape(g, matmul(g, softmax(g, scores), v), [batch, numHeads, tokens, width]);
  const joined = reshape(g, transpose(g, mixed, [0, 2, 1, 3]), [batch, height, breadth, numHeads * width]);
  return linear(g, joined, `${prefix}.proj`);
}

/** Adds q·R for the vertical and the horizontal distance of every pair of tokens; q is not scaled here. */
function addRelativePositions(g: GraphBuilder, scores: Value, q: Value, prefix: string, side: number): Value {
  const [rows, tokens, width] = q.shape as [number, number, number];
  const grid = reshape(g, q, [rows, side, side, width]);
  const vertical = transpose(g, relativePositions(g, `${prefix}.rel_pos_h`, side), [0, 2, 1]); // sxdxs
  const horizontal = transpose(g, relativePositions(g, `${prefix}.rel_pos_w`, side), [0, 2, 1]);
  const relH = matmul(g, grid, vertical); // (B·heads)xsxsxs: row, column, key row
  const columnsFirst = matmul(g, transpose(g, grid, [0, 2, 1, 3]), horizontal); // column, row, key column
  const relW = transpose(g, columnsFirst, [0, 2, 1, 3]); // row, column, key column
  const pairs = reshape(g, scores, [rows, side, side, side, side]);
  const withRows = add(g, pairs, reshape(g, relH, [rows, side, side, side, 1]));
  const withBoth = add(g, withRows, reshape(g, relW, [rows, side, side, 1, side]));
  return reshape(g, withBoth, [rows, tokens, tokens]);
}
