/** TinyViT's windowed attention for ONNX Runtime's CPU provider: its own multi-head attention over constant biases. */
import type { GraphBuilder } from "../../graph/builder.js";
import { multiHeadAttention } from "../../graph/ops/contrib.js";
import { concat, gather, reshape } from "../../graph/ops/shaping.js";
import type { Value } from "../../graph/types.js";
import { expandAttentionBiases } from "../attention-bias.js";
import { layerNorm } from "../layers.js";
import type { Precision } from "../precision.js";
import { TINY_VIT_EPSILON, type TinyVitStage } from "../tiny-vit-stages.js";
import { linearRows } from "./linear.js";
import { gridPlaces, windowPlaces } from "./window-places.js";

/**
 * Tokens [grid², C] in row-major order to what attention adds to them, the same shape.
 *
 * Padded tokens are zero before the normalisation, so all of them become its bias: one such row, gathered as often as
 * needed, stands for them. Outputs at padded places are dropped before the last projection.
 */
export function tinyVitAttentionRows(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  { grid, window, numHeads }: TinyVitStage,
  precision: Precision,
): Value {
  const channels = x.shape[1] as number;
  const places = windowPlaces(grid, window);
  const normed = layerNorm(g, x, `${prefix}.norm`, TINY_VIT_EPSILON);
  const padded = places.includes(grid * grid)
    ? concat(g, [normed, paddedRow(g, prefix, channels)], 0)
    : normed;
  const windows = gather(g, padded, indices(g, places), 0); // (windows·N)xC
  const [q, k, v] = [0, 1, 2].map((index) => {
    const group = { index, size: channels, heads: numHeads };
    const rows = linearRows(g, windows, `${prefix}.qkv`, { group, precision });
    return reshape(g, rows, [places.length / window ** 2, window ** 2, channels]); // windowsxNxC
  }) as [Value, Value, Value];
  const mixed = multiHeadAttention(g, q, k, v, numHeads, attentionBiases(g, prefix, numHeads, window));
  const rows = reshape(g, mixed, [places.length, channels]);
  return linearRows(g, gather(g, rows, indices(g, gridPlaces(grid, window)), 0), `${prefix}.proj`, {
    precision,
  });
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

function indices(g: GraphBuilder, places: readonly number[]): Value {
  return g.constant(Int32Array.from(places), [places.length]);
}
