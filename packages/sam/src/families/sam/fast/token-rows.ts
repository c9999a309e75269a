import { type Dim, type GraphBuilder, product, type Value } from "@segany/graph";
import { concat, gather, reshape, reshapeTo, shapeOf, slice, transpose } from "@segany/graph/ops";

/**
 * The tokens of a batch as the rows of one matrix, (B·T)xC: linear layers are then one product over the whole
 * batch, and ONNX Runtime does not turn Add and LayerNormalization into its slow joint operator.
 */
export interface TokenLayout {
  /** B. */
  readonly batch: Dim;
  /** T. */
  readonly tokens: Dim;
  /** int64 [2]: B and T when the graph runs. */
  readonly extents: Value;
}

/** How the tokens BxTxC are laid out. */
export function tokenLayout(g: GraphBuilder, tokens: Value): TokenLayout {
  const [batch, count] = tokens.shape;
  return { batch: batch!, tokens: count!, extents: slice(g, shapeOf(g, tokens), 0, 0, 2) };
}

/** BxTx… becomes (B·T)x…, where the rest is one axis. */
export function toRows(g: GraphBuilder, tokens: Value): Value {
  const [batch, count, ...rest] = tokens.shape;
  return reshape(g, tokens, [product([batch!, count!]), product(rest)]);
}

/** Rows (B·T)x(…) become BxTx…; `rest` are the extents of what is in a row. */
export function fromRows(g: GraphBuilder, rows: Value, layout: TokenLayout, rest: readonly number[]): Value {
  const shape = concat(g, [layout.extents, g.ints(rest)], 0);
  return reshapeTo(g, rows, shape, [layout.batch, layout.tokens, ...rest]);
}

/** Rows (B·T)x(heads·d) become BxheadsxTxd. */
export function separateHeads(g: GraphBuilder, rows: Value, layout: TokenLayout, heads: number): Value {
  const width = Number(rows.shape[1]) / heads;
  return transpose(g, fromRows(g, rows, layout, [heads, width]), [0, 2, 1, 3]);
}

/** BxheadsxTxd becomes rows (B·T)x(heads·d). */
export function joinHeads(g: GraphBuilder, x: Value): Value {
  return toRows(g, transpose(g, x, [0, 2, 1, 3]));
}

/** Keeps some tokens of each prompt. */
export function pickTokens(
  g: GraphBuilder,
  rows: Value,
  layout: TokenLayout,
  indices: readonly number[],
): Value {
  return toRows(g, gather(g, fromRows(g, rows, layout, [Number(rows.shape[1])]), g.ints(indices), 1));
}

/** The layout when every prompt has kept `count` tokens. */
export function pickedLayout(g: GraphBuilder, layout: TokenLayout, count: number): TokenLayout {
  const extents = concat(g, [slice(g, layout.extents, 0, 0, 1), g.ints([count])], 0);
  return { batch: layout.batch, tokens: count, extents };
}
