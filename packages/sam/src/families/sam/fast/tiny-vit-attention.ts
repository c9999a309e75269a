/** TinyViT's windowed attention for ONNX Runtime's CPU provider: its own operators over constant biases. */
import type { GraphBuilder, Precision, Value, WeightLoader } from "@segany/graph";
import { attention, concat, gather, multiHeadAttention, reshape } from "@segany/graph/ops";
import { expandAttentionBiases } from "../attention-bias.js";
import { layerNorm } from "../layers.js";
import { TINY_VIT_EPSILON, type TinyVitStage } from "../tiny-vit-stages.js";
import { windowsPerSide } from "../window-partition.js";
import { groupValues, linearRows } from "./linear.js";
import { gridIndices, windowIndices } from "./window-places.js";

/**
 * Tokens [grid², C] in row-major order to what attention adds to them, the same shape.
 *
 * Padded tokens are zero before the normalisation, so all of them become its bias: one such row, gathered as
 * often as needed, stands for them. Outputs at padded places are dropped before the last projection.
 */
export function tinyVitAttentionRows(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  { grid, window, numHeads }: TinyVitStage,
  precision: Precision,
): Value {
  const channels = x.shape[1] as number;
  const normed = layerNorm(g, x, `${prefix}.norm`, TINY_VIT_EPSILON);
  const padded = grid % window > 0 ? concat(g, [normed, paddedRow(g, prefix, channels)], 0) : normed;
  const rowsInWindows = gather(g, padded, windowIndices(g, grid, window), 0); // (windows·N)xC
  const count = windowsPerSide(grid, window) ** 2;
  const cut = reshape(g, rowsInWindows, [count, window ** 2, channels]); // windowsxNxC
  const mixed =
    precision === "fp32"
      ? jointAttention(g, cut, prefix, numHeads, window)
      : separateAttention(g, cut, prefix, numHeads, window);
  const rows = reshape(g, mixed, [count * window ** 2, channels]);
  return linearRows(g, gather(g, rows, gridIndices(g, grid, window), 0), `${prefix}.proj`, { precision });
}

/** With the projection inside the operator, which leaves query, key and value as attention wants them. */
function jointAttention(g: GraphBuilder, x: Value, prefix: string, numHeads: number, window: number): Value {
  const channels = x.shape[2] as number;
  const key = `${prefix}.qkv`;
  const weight = g.computed(`${key}.weight.joint`, [channels, 3 * channels], async (load) =>
    transposed(await joinedGroups(load, `${key}.weight`, channels, channels, numHeads), channels),
  );
  const bias = g.computed(`${key}.bias.joint`, g.weightShape(`${key}.bias`), (load) =>
    joinedGroups(load, `${key}.bias`, 1, channels, numHeads),
  );
  return attention(g, x, weight, bias, numHeads, attentionBiases(g, prefix, numHeads, window));
}

/** With projections of their own, which may be in another arithmetic. */
function separateAttention(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  numHeads: number,
  window: number,
): Value {
  const [count, tokens, channels] = x.shape as [number, number, number];
  const rows = reshape(g, x, [count * tokens, channels]);
  const [q, k, v] = [0, 1, 2].map((index) => {
    const group = { index, size: channels, heads: numHeads };
    return reshape(g, linearRows(g, rows, `${prefix}.qkv`, { group, precision: "int8" }), x.shape);
  }) as [Value, Value, Value];
  return multiHeadAttention(g, q, k, v, numHeads, attentionBiases(g, prefix, numHeads, window));
}

/** Queries', keys' and values' outputs one after another, where the checkpoint has them by head. */
async function joinedGroups(
  load: WeightLoader,
  key: string,
  inputs: number,
  size: number,
  heads: number,
): Promise<Float32Array> {
  const joined = new Float32Array(3 * size * inputs);
  for (let index = 0; index < 3; index++) {
    joined.set(await groupValues(load, key, inputs, { index, size, heads }), index * size * inputs);
  }
  return joined;
}

/** Rows of `columns` values to columns. */
function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

function paddedRow(g: GraphBuilder, prefix: string, channels: number): Value {
  return g.computed(`${prefix}.norm.padded`, [1, channels], (load) => load(`${prefix}.norm.bias`));
}

function attentionBiases(g: GraphBuilder, prefix: string, numHeads: number, window: number): Value {
  const tokens = window * window;
  return g.computed(`${prefix}.attention_biases.expanded`, [1, numHeads, tokens, tokens], async (load) =>
    expandAttentionBiases(await load(`${prefix}.attention_biases`), window),
  );
}
