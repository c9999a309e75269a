/**
 * Attention between a few tokens and the many cells of the image, by exact algebra that never projects the
 * cells. With keys k = W c + w for cells c (and w from their positions), a token's score is q·(W c + w) =
 * (qᵀW)·c + q·w: qᵀW is small, q·w is a product with a constant, and what the softmax cancels is left out. In
 * the first layer all prompts share the cells, so that their projections are made once for an image
 * (`decoder-preparation.ts`).
 */
import { type GraphBuilder, product, type Value } from "@segany/graph";
import {
  add,
  div,
  exp,
  fusedMatMul,
  gather,
  gemm,
  matmul,
  reduceMax,
  reduceSum,
  reshape,
  softmax,
  sub,
  transpose,
} from "@segany/graph/ops";
import {
  foldedOutputBias,
  foldedValueBias,
  headColumns,
  headRows,
  outputHeadRows,
  positionProjection,
} from "./decoder-constants.js";
import { linearRows } from "./linear.js";
import { joinHeads, separateHeads, type TokenLayout } from "./token-rows.js";

/** One attention of the decoder: where its weights stand and how many heads it has. */
export interface AttentionSpec {
  readonly prefix: string;
  readonly heads: number;
  /** 1 / √(width of a head). */
  readonly scale: number;
  /** Side of the embedding, cells. */
  readonly side: number;
  /** Given when only some cells are looked at. */
  readonly sampling?: CellSampling | undefined;
}

/** A choice of cells, in the order in which they are given everywhere. */
export interface CellSampling {
  /** Their numbers in the embedding, int64 [S]. */
  readonly cells: Value;
  /** [S]: logarithm of how many cells each stands for. */
  readonly weights: Value;
}

/**
 * What every prompt needs of the image, heads H, width d of a head, S cells: for its first layer, and for its
 * masks.
 */
export interface SharedImage {
  /** HxdxS, scaled: keys for the tokens' queries. */
  readonly keys: Value;
  /** HxSxd: values, without bias. */
  readonly values: Value;
  /** HxdxS, scaled: queries for the tokens' keys. */
  readonly queries: Value;
  /**
   * 1xSxN each: what the cells have in common after the first layer of the upscaling, see `projectedCells`.
   */
  readonly pixels: readonly Value[];
}

/** Tokens (B·T)xC attend to cells that all prompts share: (B·T)xC. */
export function attendToSharedImage(
  g: GraphBuilder,
  tokens: Value,
  image: SharedImage,
  { prefix, heads }: AttentionSpec,
): Value {
  const query = linearRows(g, tokens, `${prefix}.q_proj`);
  const [rows, width] = query.shape;
  const byHead = transpose(g, reshape(g, query, [rows!, heads, Number(width) / heads]), [1, 0, 2]); // HxBTxd
  const weights = softmax(g, matmul(g, byHead, image.keys)); // HxBTxS
  const attended = transpose(g, matmul(g, weights, image.values), [1, 0, 2]); // BTxHxd
  return projectOut(g, reshape(g, attended, [rows!, width!]), prefix);
}

/** Tokens (B·T)xC attend to their prompt's own cells BxSxC: (B·T)xC. */
export function attendToImage(
  g: GraphBuilder,
  tokens: Value,
  layout: TokenLayout,
  cells: Value,
  { prefix, heads, scale, side, sampling }: AttentionSpec,
): Value {
  const query = separateHeads(g, linearRows(g, tokens, `${prefix}.q_proj`), layout, heads); // BxHxTxd
  const key = `${prefix}.k_proj`;
  const positions = positionProjection(g, { prefix: key, side, scale, withBias: false });
  const scores = add(
    g,
    scoreCells(g, matmul(g, query, headRows(g, key, heads, scale)), cells),
    scorePositions(g, query, sampled(g, positions, sampling)),
  ); // Bx(H·T)xS
  const weighted = sampling ? add(g, scores, sampling.weights) : scores;
  const mixed = matmul(g, softmax(g, weighted), cells); // Bx(H·T)xC
  const [batch, , channels] = mixed.shape;
  const byHead = reshape(g, mixed, [batch!, heads, layout.tokens, channels!]);
  const attended = matmul(g, byHead, headColumns(g, `${prefix}.v_proj`, heads)); // BxHxTxd
  return projectOut(g, joinHeads(g, attended), prefix);
}

/**
 * What the attention of cells to tokens adds to the cells: weightsᵀ · values, of far lower rank than the
 * cells.
 */
export interface CellChange {
  /** Bx(H·T)xS: how much each cell takes of each token, head by head. */
  readonly weights: Value;
  /** Bx(H·T)xC. */
  readonly values: Value;
}

/** Cells attend to tokens (B·T)xC, the first layer's way, with what all prompts share. */
export function sharedImageAttends(
  g: GraphBuilder,
  tokens: AttendedTokens,
  image: SharedImage,
  spec: AttentionSpec,
): CellChange {
  const key = tokenKeys(g, tokens, spec); // BxHxTxd
  return takeFromTokens(g, matmul(g, key, image.queries), tokens, spec);
}

/** Each prompt's own cells BxSxC attend to its tokens. */
export function imageAttends(
  g: GraphBuilder,
  tokens: AttendedTokens,
  cells: Value,
  spec: AttentionSpec,
): CellChange {
  const { prefix, heads, scale, side, sampling } = spec;
  const key = tokenKeys(g, tokens, spec); // BxHxTxd
  const query = `${prefix}.q_proj`;
  const positions = positionProjection(g, { prefix: query, side, scale, withBias: true });
  const scores = add(
    g,
    scoreCells(g, matmul(g, key, headRows(g, query, heads, scale)), cells),
    scorePositions(g, key, sampled(g, positions, sampling)),
  ); // Bx(H·T)xS
  const [batch, , cellCount] = scores.shape;
  const byHead = reshape(g, scores, [batch!, heads, tokens.layout.tokens, cellCount!]);
  return takeFromTokens(g, byHead, tokens, spec);
}

/** The change of every cell, BxSxC. */
export function cellChange(g: GraphBuilder, { weights, values }: CellChange): Value {
  return fusedMatMul(g, weights, values, { transA: true });
}

/** Tokens that the cells look at. */
export interface AttendedTokens {
  /** (B·T)xC with the prompt added again: what is compared. */
  readonly keys: Value;
  /** (B·T)xC: what is taken over. */
  readonly values: Value;
  readonly layout: TokenLayout;
  /** Bx1x1xT bias that hides excluded tokens. */
  readonly bias: Value | undefined;
}

/**
 * Keys of tokens. Their bias gives all tokens the same score at a cell, which the softmax over tokens
 * cancels.
 */
function tokenKeys(
  g: GraphBuilder,
  { keys, layout }: AttendedTokens,
  { prefix, heads }: AttentionSpec,
): Value {
  const rows = gemm(g, keys, g.weight(`${prefix}.k_proj.weight`), undefined, { transB: true });
  return separateHeads(g, rows, layout, heads);
}

/** Constants (H·d)x cells, of the cells that are looked at. */
function sampled(g: GraphBuilder, positions: Value, sampling: CellSampling | undefined): Value {
  return sampling ? gather(g, positions, sampling.cells, 1) : positions;
}

/** From scores BxHxTxS: values go through the output projection before they are mixed. */
function takeFromTokens(
  g: GraphBuilder,
  scores: Value,
  { values, layout, bias }: AttendedTokens,
  { prefix, heads }: AttentionSpec,
): CellChange {
  const seen = bias ? add(g, scores, transpose(g, bias, [0, 1, 3, 2])) : scores;
  const weights = joinHeadTokens(g, softmaxOverTokens(g, seen)); // Bx(H·T)xS
  const rows = gemm(g, values, g.weight(`${prefix}.v_proj.weight`), undefined, { transB: true });
  const projected = matmul(
    g,
    separateHeads(g, rows, layout, heads),
    outputHeadRows(g, `${prefix}.out_proj`, heads),
  ); // BxHxTxC
  return { weights, values: joinHeadTokens(g, add(g, projected, foldedValueBias(g, prefix, heads))) };
}

/** Softmax along axis 2 of BxHxTxS: five operations on long rows instead of one on short strided columns. */
function softmaxOverTokens(g: GraphBuilder, scores: Value): Value {
  const raised = exp(g, sub(g, scores, reduceMax(g, scores, [2])));
  return div(g, raised, reduceSum(g, raised, [2]));
}

/** So few rows are multiplied faster as columns: the cells, on the left, need not be packed. */
const FEW_ROWS = 32;

/** Projected tokens BxHxTxC against cells BxSxC: Bx(H·T)xS. */
function scoreCells(g: GraphBuilder, projected: Value, cells: Value): Value {
  const rows = joinHeadTokens(g, projected);
  return Number(rows.shape[1]) <= FEW_ROWS
    ? transpose(g, fusedMatMul(g, cells, rows, { transB: true }), [0, 2, 1])
    : fusedMatMul(g, rows, cells, { transB: true });
}

/** Tokens BxHxTxd against constants (H·d)xS: Bx(H·T)xS. */
function scorePositions(g: GraphBuilder, tokens: Value, positions: Value): Value {
  const [, heads, , width] = tokens.shape;
  const byHead = reshape(g, positions, [heads!, width!, positions.shape[1]!]);
  return joinHeadTokens(g, matmul(g, tokens, byHead));
}

function joinHeadTokens(g: GraphBuilder, x: Value): Value {
  const [batch, heads, tokens, width] = x.shape;
  return reshape(g, x, [batch!, product([heads!, tokens!]), width!]);
}

function projectOut(g: GraphBuilder, rows: Value, prefix: string): Value {
  return gemm(g, rows, g.weight(`${prefix}.out_proj.weight`), foldedOutputBias(g, prefix), { transB: true });
}
