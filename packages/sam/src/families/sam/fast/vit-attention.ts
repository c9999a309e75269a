/**
 * Self-attention of the ViT encoder as ONNX Runtime's CPU provider likes it: ONNX Runtime's own multi-head
 * attention with the relative positions as its bias, tokens as rows, windows cut by one Gather after the
 * projection.
 */
import type { GraphBuilder, Precision, Value, WeightLoader } from "@segany/graph";
import {
  add,
  concat,
  gather,
  matmul,
  multiHeadAttention,
  reshape,
  split,
  transpose,
} from "@segany/graph/ops";
import { distanceRows, resampleRows } from "../relative-position.js";
import { headWidth } from "../vit-attention.js";
import { windowsPerSide } from "../window-partition.js";
import { linearRows } from "./linear.js";
import { gridIndices, windowIndices } from "./window-places.js";

/** What a block's attention looks like. */
export interface AttentionSettings {
  readonly numHeads: number;
  readonly useRelPos: boolean;
  /** Side of the grid of tokens. */
  readonly grid: number;
  /** Side of the windows, tokens; 0 for attention over the whole image. */
  readonly window: number;
  /** Heads that attend over the whole image at once. */
  readonly headsPerCall: number;
  /** Queries that attend over the whole image at once, at least a row. */
  readonly queriesPerCall: number;
  /** Arithmetic of the projections. */
  readonly precision: Precision;
}

/**
 * Vectors of vertical and horizontal distances, ready to be multiplied: (query, channel, key), sxdxs each. Of
 * the vertical ones there may be only those of the rows that are asked about.
 */
interface PositionTables {
  readonly vertical: Value;
  readonly horizontal: Value;
}

/** Normalised tokens [grid², C] in row-major order to what attention adds to them, the same shape. */
export function vitAttentionRows(g: GraphBuilder, x: Value, prefix: string, s: AttentionSettings): Value {
  const width = headWidth(g, prefix, s.numHeads);
  const side = s.window || s.grid;
  const tables = s.useRelPos ? positionTables(g, prefix, side, width) : undefined;
  const mixed =
    s.window > 0
      ? windowedAttention(g, x, prefix, s, width, tables)
      : globalAttention(g, x, prefix, s, width, tables);
  return linearRows(g, mixed, `${prefix}.proj`, { precision: s.precision });
}

/**
 * Attention in windows. Where windows reach beyond the grid, Meta's code pads with zero tokens before the
 * projection; one zero row, projected along with the others, stands for all of them.
 */
function windowedAttention(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  { grid, window, numHeads, precision }: AttentionSettings,
  width: number,
  tables: PositionTables | undefined,
): Value {
  const channels = x.shape[1] as number;
  const count = windowsPerSide(grid, window) ** 2;
  const tokens = window * window;
  const padded = grid % window > 0 ? concat(g, [x, zeroRow(g, channels)], 0) : x; // (N+1)xC
  const places = windowIndices(g, grid, window);
  const [q, k, v] = projections(g, padded, prefix, numHeads * width, precision).map((part) =>
    reshape(g, gather(g, part, places, 0), [count, tokens, numHeads * width]),
  ) as [Value, Value, Value]; // windowsxnx(heads·d) each
  const mixed = attend(g, [q, k, v], width, tables);
  const rows = reshape(g, mixed, [count * tokens, numHeads * width]);
  return gather(g, rows, gridIndices(g, grid, window), 0); // Nx(heads·d)
}

/**
 * Attention over the whole image, a few heads and a few rows of queries at a time: scores and biases of one
 * call stay in the processor's cache.
 */
function globalAttention(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  { grid, numHeads, headsPerCall, queriesPerCall, precision }: AttentionSettings,
  width: number,
  tables: PositionTables | undefined,
): Value {
  const tokens = grid * grid;
  const groups = evenParts(numHeads, headsPerCall);
  const [query, key, value] = projections(g, x, prefix, numHeads * width, precision) as [Value, Value, Value];
  const [keys, values] = [key, value].map((part) => {
    const byHead = transpose(g, reshape(g, part, [1, tokens, numHeads, width]), [0, 2, 1, 3]); // 1xheadsxNxd
    return pieces(g, byHead, groups, 1);
  }) as [Value[], Value[]];
  const extents = groups.map((heads) => heads * width);
  const queries = pieces(g, reshape(g, query, [1, tokens, numHeads * width]), extents, -1);
  const bands = rowBands(g, grid, queriesPerCall, tables);
  // 1xNx(heads·d)
  const mixed = queries.map((q, i) => attendByBands(g, [q, keys[i]!, values[i]!], width, bands));
  return reshape(g, joined(g, mixed, -1), [tokens, numHeads * width]);
}

/** Neighbouring rows of the grid whose queries attend in one call. */
interface RowBand {
  readonly queries: number;
  readonly tables: PositionTables | undefined;
}

function rowBands(
  g: GraphBuilder,
  grid: number,
  queriesPerCall: number,
  tables: PositionTables | undefined,
): RowBand[] {
  const bands = evenParts(grid, Math.max(1, Math.floor(queriesPerCall / grid)));
  const verticals = tables && pieces(g, tables.vertical, bands, 0);
  return bands.map((rows, i) => ({
    queries: rows * grid,
    tables: tables && { ...tables, vertical: verticals![i]! },
  }));
}

function attendByBands(
  g: GraphBuilder,
  [q, k, v]: readonly [Value, Value, Value],
  width: number,
  bands: readonly RowBand[],
): Value {
  const extents = bands.map(({ queries }) => queries);
  const mixed = pieces(g, q, extents, 1).map((part, i) => attend(g, [part, k, v], width, bands[i]!.tables));
  return joined(g, mixed, 1);
}

/** Query, key and value of every token, [N, heads·d] each. */
function projections(g: GraphBuilder, x: Value, prefix: string, size: number, precision: Precision): Value[] {
  return [0, 1, 2].map((index) => linearRows(g, x, `${prefix}.qkv`, { group: { index, size }, precision }));
}

/** Parts of `size`, and what is left over in the last. */
function evenParts(total: number, size: number): number[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
}

function pieces(g: GraphBuilder, x: Value, extents: readonly number[], axis: number): Value[] {
  return extents.length === 1 ? [x] : split(g, x, extents, axis);
}

function joined(g: GraphBuilder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0]! : concat(g, parts, axis);
}

/**
 * Attention of queries B x n x (heads·d) to keys and values, B x N x (heads·d) or B x heads x N x d; the
 * queries are whole rows of the grid.
 */
function attend(
  g: GraphBuilder,
  [q, k, v]: readonly [Value, Value, Value],
  width: number,
  tables: PositionTables | undefined,
): Value {
  const heads = (q.shape[2] as number) / width;
  const bias = tables && positionBias(g, q, heads, tables);
  return multiHeadAttention(g, q, k, v, heads, bias);
}

/** Relative positions as a bias on the scores, B x heads x n x N, from the unscaled query. */
function positionBias(
  g: GraphBuilder,
  q: Value,
  heads: number,
  { vertical, horizontal }: PositionTables,
): Value {
  const [batch, tokens, channels] = q.shape as [number, number, number];
  const [rows, , side] = vertical.shape as [number, number, number];
  const grid = reshape(g, q, [batch, rows, side, heads, channels / heads]);
  const relH = matmul(g, transpose(g, grid, [0, 3, 1, 2, 4]), vertical); // Bxheadsxrowxcolumnxkey row
  const relW = matmul(g, transpose(g, grid, [0, 3, 2, 1, 4]), horizontal); // Bxheadsxcolumnxrowxkey column
  const sum = add(
    g,
    reshape(g, relH, [batch, heads, rows, side, side, 1]),
    reshape(g, transpose(g, relW, [0, 1, 3, 2, 4]), [batch, heads, rows, side, 1, side]),
  );
  return reshape(g, sum, [batch, heads, tokens, side * side]);
}

function positionTables(g: GraphBuilder, prefix: string, side: number, width: number): PositionTables {
  const table = (key: string) =>
    g.computed(`${key}.pairs`, [side, width, side], (load) => loadPairs(load, key, side, width));
  return { vertical: table(`${prefix}.rel_pos_h`), horizontal: table(`${prefix}.rel_pos_w`) };
}

/** The vectors of every (query, key) pair on an axis, laid out query x channel x key. */
async function loadPairs(
  load: WeightLoader,
  key: string,
  side: number,
  width: number,
): Promise<Float32Array> {
  const table = resampleRows(await load(key), width, 2 * side - 1);
  const pairs = new Float32Array(side * width * side);
  distanceRows(side).forEach((row, pair) => {
    const [query, other] = [Math.floor(pair / side), pair % side];
    for (let c = 0; c < width; c++) pairs[(query * width + c) * side + other] = table[row * width + c]!;
  });
  return pairs;
}

function zeroRow(g: GraphBuilder, channels: number): Value {
  return g.constant(new Float32Array(channels), [1, channels]);
}
