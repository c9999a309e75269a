/** For tests: small functions that between them use every operator with a gradient, on random shapes. */
import type { GraphBuilder } from "../builder.js";
import { erf, tanh } from "../ops/elementwise.js";
import * as ops from "../ops.js";
import type { Dim, Value } from "../types.js";

/** A function of float32 inputs. */
export interface GradientCase {
  readonly name: string;
  /** Shapes of the inputs as they are declared, and as they are when the graph runs. */
  readonly shapes: readonly (readonly Dim[])[];
  readonly extents?: Readonly<Record<string, number>>;
  /** Range of the inputs' values; default -1 to 1. */
  readonly range?: readonly [number, number];
  readonly build: (g: GraphBuilder, inputs: Value[]) => Value;
}

type Unary = (g: GraphBuilder, x: Value) => Value;
type Binary = (g: GraphBuilder, a: Value, b: Value) => Value;

const unary = (name: string, op: Unary, range?: readonly [number, number]): GradientCase => ({
  name,
  shapes: [[2, 3]],
  ...(range && { range }),
  build: (g, [x]) => op(g, x!),
});

const BROADCASTS: readonly (readonly [string, Dim[], Dim[], Record<string, number>?])[] = [
  ["equal shapes", [2, 3], [2, 3]],
  ["a row", [2, 3], [3]],
  ["a scalar", [], [2, 3]],
  ["both ways", [2, 1, 3], [1, 4, 1]],
  ["a named extent", ["B", 3], [1, 3], { B: 4 }],
];

const binary = (name: string, op: Binary, range?: readonly [number, number]): GradientCase[] =>
  BROADCASTS.map(([how, a, b, extents]) => ({
    name: `${name} of ${how}`,
    shapes: [a, b],
    ...(extents && { extents }),
    ...(range && { range }),
    build: (g, [x, y]) => op(g, x!, y!),
  }));

const of = (
  name: string,
  shapes: readonly (readonly Dim[])[],
  build: GradientCase["build"],
  extents: Record<string, number> = {},
): GradientCase => ({ name, shapes, build, extents });

const POSITIVE = [0.5, 2] as const;

export const GRADIENT_CASES: readonly GradientCase[] = [
  ...binary("add", ops.add),
  ...binary("sub", ops.sub),
  ...binary("mul", ops.mul),
  ...binary("div", ops.div, POSITIVE),
  unary("neg", ops.neg),
  unary("sin", ops.sin),
  unary("cos", ops.cos),
  unary("exp", ops.exp),
  unary("log", ops.log, POSITIVE),
  unary("sqrt", ops.sqrt, POSITIVE),
  unary("sigmoid", ops.sigmoid, [-4, 4]),
  unary("softplus", ops.softplus, [-4, 4]),
  unary("tanh", tanh, [-2, 2]),
  unary("erf", erf, [-2, 2]),
  unary("relu", ops.relu),
  unary("clip", (g, x) => ops.clip(g, x, -0.4, 0.6)),
  unary("gelu", ops.gelu, [-3, 3]),
  unary("gelu by tanh", (g, x) => ops.gelu(g, x, "tanh"), [-3, 3]),
  unary("cast", (g, x) => ops.cast(g, x, "float32")),
  unary("softmax", ops.softmax),
  unary("a value used twice", (g, x) => ops.add(g, ops.mul(g, x, x), x)),
  of("where", [[2, 3], [3], [2, 1]], (g, [x, a, b]) => ops.where(g, ops.greater(g, x!, g.scalar(0)), a!, b!)),
  of(
    "matmul of matrices",
    [
      [2, 3],
      [3, 4],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
  ),
  of(
    "matmul of rows by a matrix",
    [
      ["B", 2, 3],
      [3, 4],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
    { B: 3 },
  ),
  of(
    "matmul of rows in two unknown extents",
    [
      ["B", "N", 3],
      [3, 4],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
    {
      B: 2,
      N: 5,
    },
  ),
  of(
    "matmul of batches",
    [
      ["B", 2, 3],
      ["B", 3, 4],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
    { B: 2 },
  ),
  of(
    "matmul that repeats one side",
    [
      [1, 2, 3],
      ["B", 3, 4],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
    { B: 2 },
  ),
  of(
    "matmul that repeats both sides",
    [
      [2, 1, 2, 3],
      [1, 3, 3, 2],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
  ),
  of(
    "matmul of a matrix by batches",
    [
      [2, 3],
      [4, 3, 2],
    ],
    (g, [a, b]) => ops.matmul(g, a!, b!),
  ),
  of("gemm", [[2, 3], [3, 4], [4]], (g, [a, b, c]) => ops.gemm(g, a!, b!, c)),
  of(
    "gemm of a transposed matrix",
    [
      [2, 3],
      [4, 3],
      [2, 4],
    ],
    (g, [a, b, c]) => ops.gemm(g, a!, b!, c, { transB: true }),
  ),
  of(
    "layer normalisation",
    [["B", 2, 5], [5], [5]],
    (g, [x, s, b]) => ops.layerNormalization(g, x!, s!, b!, 1e-5),
    { B: 2 },
  ),
  of("batch normalisation", [[2, 3, 2, 2], [3], [3]], (g, [x, s, b]) => {
    const [mean, variance] = [Float32Array.of(0.1, -0.2, 0.3), Float32Array.of(0.5, 1, 2)];
    return ops.batchNormalization(g, x!, s!, b!, g.constant(mean, [3]), g.constant(variance, [3]), 1e-5);
  }),
  of("sum over axes", [[2, 3, 4]], (g, [x]) => ops.reduceSum(g, x!, [0, -1])),
  of("sum that drops axes", [["B", 3, "N"]], (g, [x]) => ops.reduceSum(g, x!, [1], false), { B: 2, N: 2 }),
  of("mean", [[2, 3, 4]], (g, [x]) => ops.reduceMean(g, x!, [1], false)),
  of("mean over unknown extents", [["B", 3, "N"]], (g, [x]) => ops.reduceMean(g, x!, [0, 2]), { B: 2, N: 5 }),
  of("largest", [[2, 3, 4]], (g, [x]) => ops.reduceMax(g, x!, [1])),
  of("smallest", [[2, 3, 4]], (g, [x]) => ops.reduceMin(g, x!, [1, 2], false)),
  of("reshape", [["B", 6]], (g, [x]) => ops.reshape(g, x!, ["B", 2, 3]), { B: 2 }),
  of("transpose", [[2, 3, 4]], (g, [x]) => ops.transpose(g, x!, [2, 0, 1])),
  of(
    "concat",
    [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    (g, parts) => ops.concat(g, parts, 1),
  ),
  of(
    "concat of unknown extents",
    [
      ["B", "N", 2],
      ["B", 3, 2],
    ],
    (g, parts) => ops.concat(g, parts, 1),
    {
      B: 2,
      N: 4,
    },
  ),
  of("split", [[2, 5]], (g, [x]) => {
    const [a, b, c] = ops.split(g, x!, [1, 2, 2], 1) as [Value, Value, Value];
    return ops.add(g, ops.mul(g, b, c), a);
  }),
  of("split of which one part is used", [[5, 2]], (g, [x]) => ops.split(g, x!, [2, 3], 0)[1]!),
  of("slice", [[4, 3]], (g, [x]) => ops.slice(g, x!, 0, 1, 3)),
  of("slice of an unknown extent", [["B", "N", 2]], (g, [x]) => ops.slice(g, x!, 1, 1, 3), { B: 2, N: 5 }),
  of("slice to the end", [[4, 3]], (g, [x]) => ops.slice(g, x!, 0, 2, Number.POSITIVE_INFINITY)),
  of("crop", [[1, 4, 5]], (g, [x]) => ops.cropTo(g, x!, g.ints([2, 3]), [2, 3])),
  of("pad", [[2, 3]], (g, [x]) => ops.pad(g, x!, [0, 1, 2, 0])),
  of("gather rows, some twice", [[4, 3]], (g, [x]) => ops.gather(g, x!, g.ints([3, 0, 3]), 0)),
  of("gather along the second axis", [[2, 4, 3]], (g, [x]) => {
    const indices = g.constant(BigInt64Array.of(1n, 3n, 1n, 0n), [2, 2]);
    return ops.gather(g, x!, indices, 1);
  }),
  of("expand", [[1, 3]], (g, [x]) => ops.expand(g, x!, g.ints([4, 3]), [4, 3])),
  of("unsqueeze and squeeze", [[2, 1, 3]], (g, [x]) => ops.squeeze(g, ops.unsqueeze(g, x!, [0]), [2])),
  of("convolution 1x1", [[2, 3, 4, 4], [2, 3, 1, 1], [2]], (g, [x, w, b]) => ops.conv2d(g, x!, w!, b)),
  of(
    "convolution 3x3",
    [
      [2, 2, 5, 4],
      [3, 2, 3, 3],
    ],
    (g, [x, w]) => ops.conv2d(g, x!, w!, undefined, { padding: 1 }),
  ),
  of(
    "convolution 3x3 in steps of two",
    [
      [1, 2, 5, 6],
      [3, 2, 3, 3],
    ],
    (g, [x, w]) => ops.conv2d(g, x!, w!, undefined, { padding: 1, stride: 2 }),
  ),
  of("convolution of patches", [[2, 2, 4, 6], [3, 2, 2, 2], [3]], (g, [x, w, b]) =>
    ops.conv2d(g, x!, w!, b, { stride: 2 }),
  ),
  of(
    "convolution of patches that leave a row over",
    [
      [1, 1, 5, 4],
      [2, 1, 2, 2],
    ],
    (g, [x, w]) => ops.conv2d(g, x!, w!, undefined, { stride: 2 }),
  ),
  of(
    "convolution of patches in a batch of any size",
    [
      ["B", 2, 4, 4],
      [3, 2, 2, 2],
    ],
    (g, [x, w]) => ops.conv2d(g, x!, w!, undefined, { stride: 2 }),
    { B: 2 },
  ),
  of(
    "convolution by channel",
    [
      [2, 3, 4, 5],
      [3, 1, 3, 3],
    ],
    (g, [x, w]) => ops.conv2d(g, x!, w!, undefined, { padding: 1, groups: 3 }),
  ),
  of(
    "convolution by channel in steps of two",
    [
      [1, 2, 6, 6],
      [2, 1, 3, 3],
    ],
    (g, [x, w]) => ops.conv2d(g, x!, w!, undefined, { padding: 1, stride: 2, groups: 2 }),
  ),
  of(
    "transposed convolution",
    [["B", 3, 2, 3], [3, 2, 2, 2], [2]],
    (g, [x, w, b]) => ops.convTranspose2d(g, x!, w!, b!),
    { B: 2 },
  ),
];
