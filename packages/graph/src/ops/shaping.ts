import { SamError } from "@segany/masks";
import type { GraphBuilder } from "../builder.js";
import { broadcast, known, normalizeAxis, reshapeTarget, show, sum } from "../shape.js";
import type { Dim, Value } from "../types.js";

/**
 * The same elements in another shape. Unknown extents ("B") are named in `shape`; at most one may move from
 * its place.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(reshape(g, g.input("x", "float32", ["B", 6]), ["B", 2, 3]).shape); // [ 'B', 2, 3 ]
 */
export function reshape(g: GraphBuilder, x: Value, shape: readonly Dim[]): Value {
  const target = g.ints(reshapeTarget(x.shape, shape));
  return g.node({ opType: "Reshape", inputs: [x, target], outputs: [{ dtype: x.dtype, shape }] })[0]!;
}

/**
 * The same elements in a shape that `shape` (an int64 vector in the graph) holds; `result` declares it.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", ["N"]);
 * console.log(reshapeTo(g, x, g.input("shape", "int64", [2]), ["H", "W"]).shape); // [ 'H', 'W' ]
 */
export function reshapeTo(g: GraphBuilder, x: Value, shape: Value, result: readonly Dim[]): Value {
  return g.node({ opType: "Reshape", inputs: [x, shape], outputs: [{ dtype: x.dtype, shape: result }] })[0]!;
}

/**
 * Permutes the axes: axis i of the result is axis `perm[i]` of the input.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(transpose(g, g.input("x", "float32", [2, 3, 4]), [0, 2, 1]).shape); // [ 2, 4, 3 ]
 */
export function transpose(g: GraphBuilder, x: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => x.shape[axis]!);
  return g.node({
    opType: "Transpose",
    inputs: [x],
    attributes: { perm: { kind: "ints", value: perm } },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/**
 * Joins tensors along one axis.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const [a, b] = [g.input("a", "float32", [2, 3]), g.input("b", "float32", [2, 5])];
 * console.log(concat(g, [a, b], 1).shape); // [ 2, 8 ]
 */
export function concat(g: GraphBuilder, parts: readonly Value[], axis: number): Value {
  const first = parts[0]!;
  const place = normalizeAxis(axis, first.shape.length);
  for (const part of parts) {
    if (part.shape.some((dim, i) => i !== place && dim !== first.shape[i])) {
      throw new SamError(
        "graph-invalid",
        `Concat along ${axis} of ${parts.map((p) => show(p.shape)).join(" ")} does not fit.`,
      );
    }
  }
  const shape = first.shape.map((dim, i) => (i === place ? sum(parts.map((part) => part.shape[i]!)) : dim));
  return g.node({
    opType: "Concat",
    inputs: parts,
    attributes: { axis: { kind: "int", value: axis } },
    outputs: [{ dtype: first.dtype, shape }],
  })[0]!;
}

/**
 * Cuts a tensor along one axis into pieces of the given extents.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const [first, rest] = split(g, g.input("x", "float32", [5, 3]), [1, 4], 0);
 * console.log(first?.shape, rest?.shape); // [ 1, 3 ] [ 4, 3 ]
 */
export function split(g: GraphBuilder, x: Value, sizes: readonly number[], axis: number): Value[] {
  const place = normalizeAxis(axis, x.shape.length);
  return g.node({
    opType: "Split",
    inputs: [x, g.ints(sizes)],
    attributes: { axis: { kind: "int", value: axis } },
    outputs: sizes.map((size) => ({
      dtype: x.dtype,
      shape: x.shape.map((dim, i) => (i === place ? size : dim)),
    })),
  });
}

/**
 * A range [start, end) of one axis; `end` may be Infinity for "to the end", then `extent` names the result's
 * extent if it is not known.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(slice(g, g.input("x", "float32", [2, 10]), 1, 2, 5).shape); // [ 2, 3 ]
 */
export function slice(
  g: GraphBuilder,
  x: Value,
  axis: number,
  start: number,
  end: number,
  extent?: Dim,
): Value {
  const place = normalizeAxis(axis, x.shape.length);
  const full = x.shape[place]!;
  const length = extent ?? (Number.isFinite(end) ? end - start : known(full, "Slice to the end") - start);
  const stop = Number.isFinite(end) ? end : 2 ** 40;
  return g.node({
    opType: "Slice",
    inputs: [x, g.ints([start]), g.ints([stop]), g.ints([axis])],
    outputs: [{ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === place ? length : dim)) }],
  })[0]!;
}

/**
 * The first entries of the last axes, as many as `ends` (an int64 vector in the graph, one entry an axis)
 * says; `extents` names them.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [1, 1, 64, 64]);
 * console.log(cropTo(g, x, g.ints([1, 1, 48, 32]), [1, 1, 48, 32]).shape); // [ 1, 1, 48, 32 ]
 */
export function cropTo(g: GraphBuilder, x: Value, ends: Value, extents: readonly Dim[]): Value {
  const lead = x.shape.length - extents.length;
  const axes = extents.map((_, i) => lead + i);
  return g.node({
    opType: "Slice",
    inputs: [x, g.ints(extents.map(() => 0)), ends, g.ints(axes)],
    outputs: [{ dtype: x.dtype, shape: [...x.shape.slice(0, lead), ...extents] }],
  })[0]!;
}

/**
 * Picks entries of one axis by index; the axis is replaced by the shape of the indices.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const table = g.input("table", "float32", [10, 64]);
 * console.log(gather(g, table, g.ints([3, 1]), 0).shape); // [ 2, 64 ]
 */
export function gather(g: GraphBuilder, x: Value, indices: Value, axis: number): Value {
  const place = normalizeAxis(axis, x.shape.length);
  const shape = [...x.shape.slice(0, place), ...indices.shape, ...x.shape.slice(place + 1)];
  return g.node({
    opType: "Gather",
    inputs: [x, indices],
    attributes: { axis: { kind: "int", value: axis } },
    outputs: [{ dtype: x.dtype, shape }],
  })[0]!;
}

/**
 * Picks one entry along axis 1 for each entry of axis 0: BxMx… and int64 indices B → Bx….
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", ["B", 4, 64]);
 * console.log(gatherPerRow(g, x, g.input("best", "int64", ["B"])).shape); // [ 'B', 64 ]
 */
export function gatherPerRow(g: GraphBuilder, x: Value, indices: Value): Value {
  const [rows, , ...rest] = x.shape;
  return g.node({
    opType: "GatherND",
    inputs: [x, unsqueeze(g, indices, [1])],
    attributes: { batch_dims: { kind: "int", value: 1 } },
    outputs: [{ dtype: x.dtype, shape: [rows!, ...rest] }],
  })[0]!;
}

/**
 * Repeats by broadcasting to the shape that `shape` (an int64 vector in the graph) holds; `result` declares
 * it.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(expand(g, g.input("x", "float32", [1, 3]), g.ints([4, 3]), [4, 3]).shape); // [ 4, 3 ]
 */
export function expand(g: GraphBuilder, x: Value, shape: Value, result: readonly Dim[]): Value {
  return g.node({
    opType: "Expand",
    inputs: [x, shape],
    outputs: [{ dtype: x.dtype, shape: broadcast(x.shape, result) }],
  })[0]!;
}

/**
 * Adds rows to a tensor [L, …] of zeros: row i of `rows` (its first axes are those of the int64 indices) is
 * added to row `indices[i]` of the result. Repeated indices add up.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const rows = g.input("rows", "float32", [3, 8]);
 * console.log(scatterAdd(g, rows, g.ints([4, 0, 4]), 5).shape); // [ 5, 8 ]
 */
export function scatterAdd(g: GraphBuilder, rows: Value, indices: Value, length: number): Value {
  const shape = [length, ...rows.shape.slice(indices.shape.length)];
  const zeros = expand(g, g.scalar(0), g.ints(shape.map((dim) => known(dim, "ScatterND"))), shape);
  return g.node({
    opType: "ScatterND",
    inputs: [zeros, unsqueeze(g, indices, [indices.shape.length]), rows],
    attributes: { reduction: { kind: "string", value: "add" } },
    outputs: [{ dtype: rows.dtype, shape }],
  })[0]!;
}

/**
 * The shape of a tensor as an int64 vector.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(shapeOf(g, g.input("x", "float32", ["B", 3, "H", "W"])).shape); // [ 4 ]
 */
export function shapeOf(g: GraphBuilder, x: Value): Value {
  return g.node({ opType: "Shape", inputs: [x], outputs: [{ dtype: "int64", shape: [x.shape.length] }] })[0]!;
}

/**
 * Adds axes of extent one at the given places of the result.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(unsqueeze(g, g.input("x", "float32", [3]), [0]).shape); // [ 1, 3 ]
 */
export function unsqueeze(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const places = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i): Dim => (places.has(i) ? 1 : rest.shift()!));
  return g.node({ opType: "Unsqueeze", inputs: [x, g.ints(axes)], outputs: [{ dtype: x.dtype, shape }] })[0]!;
}

/**
 * Drops axes of extent one.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * console.log(squeeze(g, g.input("x", "float32", [1, 3, 1]), [0]).shape); // [ 3, 1 ]
 */
export function squeeze(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const places = new Set(axes.map((axis) => normalizeAxis(axis, x.shape.length)));
  const shape = x.shape.filter((_, i) => !places.has(i));
  return g.node({ opType: "Squeeze", inputs: [x, g.ints(axes)], outputs: [{ dtype: x.dtype, shape }] })[0]!;
}

/**
 * Pads axes with zeros; `pads` are all begins, then all ends, as ONNX has them.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * const g = createGraphBuilder("example", new Map());
 * const x = g.input("x", "float32", [2, 3]);
 * console.log(pad(g, x, [0, 1, 0, 1]).shape); // [ 2, 5 ]
 */
export function pad(g: GraphBuilder, x: Value, pads: readonly number[]): Value {
  const rank = x.shape.length;
  const shape = x.shape.map((dim, i) => sum([dim, pads[i]!, pads[i + rank]!]));
  return g.node({ opType: "Pad", inputs: [x, g.ints(pads)], outputs: [{ dtype: x.dtype, shape }] })[0]!;
}
