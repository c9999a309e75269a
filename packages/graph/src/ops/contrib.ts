import type { GraphBuilder } from "../builder.js";
import type { Dim, Value } from "../types.js";
import { matmulShape } from "./linear.js";

/** ONNX Runtime's own operators: for fast lowerings only, never in the plain form or in exported files. */
const DOMAIN = "com.microsoft";

/** alpha · op(a) · op(b), where op transposes the last two axes. */
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
 * Multi-head attention of queries [B, L, heads·d] to keys and values [B, S, heads·d] or [B, heads, S, d], scaled by
 * 1/√d, with an optional bias on the scores [B or 1, heads, L, S].
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
 * Self-attention of x [B, L, in] with its projection: weight [in, 3·heads·d] gives query, key and value side by side,
 * each head after head; then as `multiHeadAttention`.
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

/** x · weight (+ bias) with int8 weights [in, out] and activations quantised on the fly, one scale per tensor; weight scale and zero point per tensor or per column. */
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
