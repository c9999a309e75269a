import type { GraphBuilder } from "../builder.js";
import { broadcast } from "../shape.js";
import type { GraphDtype, Value } from "../types.js";

function binary(g: GraphBuilder, opType: string, a: Value, b: Value, dtype: GraphDtype = a.dtype): Value {
  return g.node({ opType, inputs: [a, b], outputs: [{ dtype, shape: broadcast(a.shape, b.shape) }] })[0]!;
}

function unary(g: GraphBuilder, opType: string, x: Value): Value {
  return g.node({ opType, inputs: [x], outputs: [x] })[0]!;
}

/** a + b, broadcast. */
export const add = (g: GraphBuilder, a: Value, b: Value): Value => binary(g, "Add", a, b);
/** a - b, broadcast. */
export const sub = (g: GraphBuilder, a: Value, b: Value): Value => binary(g, "Sub", a, b);
/** a * b, broadcast. */
export const mul = (g: GraphBuilder, a: Value, b: Value): Value => binary(g, "Mul", a, b);
/** a / b, broadcast. */
export const div = (g: GraphBuilder, a: Value, b: Value): Value => binary(g, "Div", a, b);
/** a == b, broadcast, as bool. */
export const equal = (g: GraphBuilder, a: Value, b: Value): Value => binary(g, "Equal", a, b, "bool");
/** a > b, broadcast, as bool. */
export const greater = (g: GraphBuilder, a: Value, b: Value): Value => binary(g, "Greater", a, b, "bool");

export const neg = (g: GraphBuilder, x: Value): Value => unary(g, "Neg", x);
export const sqrt = (g: GraphBuilder, x: Value): Value => unary(g, "Sqrt", x);
export const log = (g: GraphBuilder, x: Value): Value => unary(g, "Log", x);
/** 1 / (1 + e⁻ˣ). */
export const sigmoid = (g: GraphBuilder, x: Value): Value => unary(g, "Sigmoid", x);
/** log(1 + eˣ), without overflow. */
export const softplus = (g: GraphBuilder, x: Value): Value => unary(g, "Softplus", x);
export const sin = (g: GraphBuilder, x: Value): Value => unary(g, "Sin", x);
export const cos = (g: GraphBuilder, x: Value): Value => unary(g, "Cos", x);
export const exp = (g: GraphBuilder, x: Value): Value => unary(g, "Exp", x);
export const erf = (g: GraphBuilder, x: Value): Value => unary(g, "Erf", x);
export const tanh = (g: GraphBuilder, x: Value): Value => unary(g, "Tanh", x);
export const relu = (g: GraphBuilder, x: Value): Value => unary(g, "Relu", x);
export const floor = (g: GraphBuilder, x: Value): Value => unary(g, "Floor", x);

/**
 * Values below `least` become `least`, those above `most` become `most`; ReLU6 is `clip(g, x, 0, 6)`.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(clip(g, g.input("x", "float32", [2, 3]), 0, 6).shape); // [ 2, 3 ]
 */
export function clip(g: GraphBuilder, x: Value, least: number, most: number): Value {
  return g.node({ opType: "Clip", inputs: [x, g.scalar(least), g.scalar(most)], outputs: [x] })[0]!;
}

/**
 * `a` where the condition holds, else `b`; all three are broadcast.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [2, 3]);
 * console.log(where(g, greater(g, x, g.scalar(0)), x, g.scalar(0)).shape); // [ 2, 3 ]
 */
export function where(g: GraphBuilder, condition: Value, a: Value, b: Value): Value {
  const shape = broadcast(condition.shape, broadcast(a.shape, b.shape));
  return g.node({ opType: "Where", inputs: [condition, a, b], outputs: [{ dtype: a.dtype, shape }] })[0]!;
}

/**
 * Converts elements to another type.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(cast(g, g.input("x", "float32", [2, 3]), "int64").dtype); // int64
 */
export function cast(g: GraphBuilder, x: Value, dtype: GraphDtype): Value {
  const to = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 }[dtype];
  return g.node({
    opType: "Cast",
    inputs: [x],
    attributes: { to: { kind: "int", value: to } },
    outputs: [{ dtype, shape: x.shape }],
  })[0]!;
}

/**
 * Gaussian error linear unit: exact (erf), or by the tanh formula. ONNX has the operator from opset 20 on;
 * for older operator sets it is composed.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(gelu(g, g.input("x", "float32", [2, 3])).shape); // [ 2, 3 ]
 */
export function gelu(g: GraphBuilder, x: Value, approximate: "none" | "tanh" = "none"): Value {
  if (g.opset < 20) return approximate === "none" ? composedErfGelu(g, x) : composedTanhGelu(g, x);
  const attributes = { approximate: { kind: "string", value: approximate } } as const;
  return g.node({ opType: "Gelu", inputs: [x], attributes, outputs: [x] })[0]!;
}

function composedErfGelu(g: GraphBuilder, x: Value): Value {
  const inner = add(g, erf(g, div(g, x, g.scalar(Math.SQRT2))), g.scalar(1));
  return mul(g, mul(g, x, inner), g.scalar(0.5));
}

function composedTanhGelu(g: GraphBuilder, x: Value): Value {
  const cubic = mul(g, mul(g, mul(g, x, x), x), g.scalar(0.044715));
  const inner = add(g, tanh(g, mul(g, add(g, x, cubic), g.scalar(Math.sqrt(2 / Math.PI)))), g.scalar(1));
  return mul(g, mul(g, x, inner), g.scalar(0.5));
}
