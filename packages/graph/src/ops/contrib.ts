import type { GraphBuilder } from "../builder.js";
import type { Dim, Value } from "../types.js";
import { matmulShape } from "./linear.js";

/** ONNX Runtime's own operators: for fast lowerings only, never in the plain form or in exported files. */
const DOMAIN = "com.microsoft";

/**
 * alpha · op(a) · op(b), where op transposes the last two axes.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const a = g.input("a", "float32", [4, 8]);
 * const b = g.input("b", "float32", [2, 8]);
 * console.log(fusedMatMul(g, a, b, { transB: true, alpha: 0.5 }).shape); // [ 4, 2 ]
 */
export function fusedMatMul(
  g: GraphBuilder,
  a: Value,
  b: Value,
  { transA = false, transB = false, alpha = 1 } = {},
): Value {
  return g.node({
    opType: "FusedMatMul",
    domain: DOMAIN,
    inputs: [a, b],
    attributes: {
      transA: { kind: "int", value: transA ? 1 : 0 },
      transB: { kind: "int", value: transB ? 1 : 0 },
      alpha: { kind: "float", value: alpha },
    },
    outputs: [{ dtype: a.dtype, shape: matmulShape(a.shape, b.shape, transA, transB) }],
  })[0]!;
}

/**
 * Multi-head attention of queries [B, L, heads·d] to keys and values [B, S, heads·d] or [B, heads, S, d],
 * scaled by 1/√d, with an optional bias on the scores [B or 1, heads, L, S].
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const query = g.input("query", "float32", ["B", 7, 64]);
 * const keys = g.input("keys", "float32", ["B", 100, 64]);
 * console.log(multiHeadAttention(g, query, keys, keys, 4).shape); // [ 'B', 7, 64 ]
 */
export function multiHeadAttention(
  g: GraphBuilder,
  query: Value,
  key: Value,
  value: Value,
  heads: number,
  bias?: Value,
): Value {
  return g.node({
    opType: "MultiHeadAttention",
    domain: DOMAIN,
    inputs: bias ? [query, key, value, undefined, undefined, bias] : [query, key, value],
    attributes: { num_heads: { kind: "int", value: heads } },
    outputs: [{ dtype: query.dtype, shape: [...query.shape.slice(0, -1), valueWidth(value, heads)] }],
  })[0]!;
}

/**
 * Self-attention of x [B, L, in] with its projection: weight [in, 3·heads·d] gives query, key and value side
 * by side, each head after head; then as `multiHeadAttention`.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", ["B", 49, 64]);
 * const weight = g.constant(new Float32Array(64 * 192), [64, 192]);
 * const bias = g.constant(new Float32Array(192), [192]);
 * console.log(attention(g, x, weight, bias, 4).shape); // [ 'B', 49, 64 ]
 */
export function attention(
  g: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value,
  heads: number,
  scoreBias?: Value,
): Value {
  return g.node({
    opType: "Attention",
    domain: DOMAIN,
    inputs: scoreBias ? [x, weight, bias, undefined, undefined, scoreBias] : [x, weight, bias],
    attributes: { num_heads: { kind: "int", value: heads } },
    outputs: [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), (weight.shape[1] as number) / 3] }],
  })[0]!;
}

function valueWidth({ shape }: Value, heads: number): Dim {
  return shape.length === 4 ? heads * (shape[3] as number) : shape[2]!;
}

/**
 * x · weight (+ bias) with int8 weights [in, out] and activations quantised on the fly, one scale per tensor;
 * weight scale and zero point per tensor or per column.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", ["N", 64]);
 * const weight = g.constant(new Int8Array(64 * 32), [64, 32]);
 * const scale = g.scalar(0.02);
 * console.log(dynamicQuantizeMatMul(g, x, weight, scale, undefined, undefined).shape); // [ 'N', 32 ]
 */
export function dynamicQuantizeMatMul(
  g: GraphBuilder,
  x: Value,
  weight: Value,
  scale: Value,
  zeroPoint: Value | undefined,
  bias: Value | undefined,
): Value {
  return g.node({
    opType: "DynamicQuantizeMatMul",
    domain: DOMAIN,
    inputs: [x, weight, scale, zeroPoint, bias],
    outputs: [{ dtype: x.dtype, shape: matmulShape(x.shape, weight.shape) }],
  })[0]!;
}
