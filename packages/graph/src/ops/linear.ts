import { SamError } from "@segany/masks";
import type { GraphBuilder, NodeSpec } from "../builder.js";
import { broadcast, normalizeAxis, show } from "../shape.js";
import type { Dim, Value } from "../types.js";

/**
 * Matrix product of the last two axes; the others broadcast.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const a = g.input("a", "float32", ["B", 4, 8]);
 * const b = g.input("b", "float32", [8, 2]);
 * console.log(matmul(g, a, b).shape); // [ 'B', 4, 2 ]
 */
export function matmul(g: GraphBuilder, a: Value, b: Value): Value {
  return g.node({
    opType: "MatMul",
    inputs: [a, b],
    outputs: [{ dtype: a.dtype, shape: matmulShape(a.shape, b.shape) }],
  })[0]!;
}

/** Shape of a matrix product with optional transposition of the last two axes of either side. */
export function matmulShape(a: readonly Dim[], b: readonly Dim[], transA = false, transB = false): Dim[] {
  const [rows, inner] = transA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [inner2, columns] = transB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (inner !== inner2) throw new SamError("graph-invalid", `Matrices ${show(a)} and ${show(b)} do not fit.`);
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), rows, columns];
}

/**
 * a·b + c on matrices (2-D), with `b` given as [out, in] when `transB`: a PyTorch linear layer.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const a = g.input("a", "float32", [4, 8]);
 * const b = g.input("b", "float32", [2, 8]);
 * console.log(gemm(g, a, b, undefined, { transB: true }).shape); // [ 4, 2 ]
 */
export function gemm(g: GraphBuilder, a: Value, b: Value, c?: Value, { transB = false } = {}): Value {
  return g.node({
    opType: "Gemm",
    inputs: c ? [a, b, c] : [a, b],
    attributes: { transB: { kind: "int", value: transB ? 1 : 0 } },
    outputs: [{ dtype: a.dtype, shape: matmulShape(a.shape, b.shape, false, transB) }],
  })[0]!;
}

/**
 * Softmax along one axis.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(softmax(g, g.input("x", "float32", ["B", 10])).shape); // [ 'B', 10 ]
 */
export function softmax(g: GraphBuilder, x: Value, axis = -1): Value {
  return g.node({
    opType: "Softmax",
    inputs: [x],
    attributes: { axis: { kind: "int", value: axis } },
    outputs: [x],
  })[0]!;
}

/**
 * Layer normalisation over the last axis.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const ones = g.constant(new Float32Array(64).fill(1), [64]);
 * const zeros = g.constant(new Float32Array(64), [64]);
 * const x = g.input("x", "float32", ["B", 64]);
 * console.log(layerNormalization(g, x, ones, zeros, 1e-5).shape); // [ 'B', 64 ]
 */
export function layerNormalization(
  g: GraphBuilder,
  x: Value,
  scale: Value,
  bias: Value,
  epsilon: number,
): Value {
  return layerNormNode(g, [x, scale, bias], epsilon, [x])[0]!;
}

/**
 * The same with what it was normalised by, an extent of one in place of the last axis: mean and 1 /
 * √(variance + epsilon).
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const ones = g.constant(new Float32Array(64).fill(1), [64]);
 * const zeros = g.constant(new Float32Array(64), [64]);
 * const x = g.input("x", "float32", ["B", 64]);
 * const { mean } = layerNormalizationWithMoments(g, x, ones, zeros, 1e-5);
 * console.log(mean.shape); // [ 'B', 1 ]
 */
export function layerNormalizationWithMoments(
  g: GraphBuilder,
  x: Value,
  scale: Value,
  bias: Value,
  epsilon: number,
): { readonly normal: Value; readonly mean: Value; readonly inverseDeviation: Value } {
  const moment = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] };
  const [normal, mean, inverseDeviation] = layerNormNode(g, [x, scale, bias], epsilon, [x, moment, moment]);
  return { normal: normal!, mean: mean!, inverseDeviation: inverseDeviation! };
}

function layerNormNode(
  g: GraphBuilder,
  inputs: readonly Value[],
  epsilon: number,
  outputs: NodeSpec["outputs"],
): Value[] {
  return g.node({
    opType: "LayerNormalization",
    inputs,
    attributes: { axis: { kind: "int", value: -1 }, epsilon: { kind: "float", value: epsilon } },
    outputs,
  });
}

function reduce(
  g: GraphBuilder,
  opType: string,
  x: Value,
  axes: readonly number[],
  keepdims: boolean,
): Value {
  const places = new Set(axes.map((axis) => normalizeAxis(axis, x.shape.length)));
  const shape = x.shape.flatMap((dim, i): Dim[] => (places.has(i) ? (keepdims ? [1] : []) : [dim]));
  const keep = { keepdims: { kind: "int", value: keepdims ? 1 : 0 } } as const;
  // before opset 18 only ReduceSum took its axes as an input
  const asInput = opType === "ReduceSum" || g.opset >= 18;
  return g.node({
    opType,
    inputs: asInput ? [x, g.ints(axes)] : [x],
    attributes: asInput ? keep : { ...keep, axes: { kind: "ints", value: axes } },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/** Sum over axes. */
export const reduceSum = (g: GraphBuilder, x: Value, axes: readonly number[], keepdims = true): Value =>
  reduce(g, "ReduceSum", x, axes, keepdims);
/** Largest over axes. */
export const reduceMax = (g: GraphBuilder, x: Value, axes: readonly number[], keepdims = true): Value =>
  reduce(g, "ReduceMax", x, axes, keepdims);

/** Smallest over axes. */
export const reduceMin = (g: GraphBuilder, x: Value, axes: readonly number[], keepdims = true): Value =>
  reduce(g, "ReduceMin", x, axes, keepdims);
/** Mean over axes. */
export const reduceMean = (g: GraphBuilder, x: Value, axes: readonly number[], keepdims = true): Value =>
  reduce(g, "ReduceMean", x, axes, keepdims);

/**
 * Index of the largest along one axis, as int64.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(argMax(g, g.input("x", "float32", ["B", 10]), 1).shape); // [ 'B' ]
 */
export function argMax(g: GraphBuilder, x: Value, axis: number, keepdims = false): Value {
  const place = normalizeAxis(axis, x.shape.length);
  const shape = x.shape.flatMap((dim, i): Dim[] => (i === place ? (keepdims ? [1] : []) : [dim]));
  return g.node({
    opType: "ArgMax",
    inputs: [x],
    attributes: { axis: { kind: "int", value: axis }, keepdims: { kind: "int", value: keepdims ? 1 : 0 } },
    outputs: [{ dtype: "int64", shape }],
  })[0]!;
}
