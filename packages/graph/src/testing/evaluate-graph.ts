/** For tests: evaluates a graph by the operators' definitions, in float64 and without haste. */
import { normalizeAxis } from "../shape.js";
import type { Graph } from "../types.js";
import { CONVOLUTIONS } from "./evaluate-convolutions.js";
import { attribute, type Evaluate, ints, sumOf } from "./evaluate-node.js";
import { SHAPING, transposed } from "./evaluate-shaping.js";
import { at, broadcastMap, count, fill, indexOf, type Tensor } from "./float64-tensor.js";

/** The values of every output, by name. */
export function evaluateGraph(
  { nodes, initializers, outputs }: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const values = new Map<string, Tensor>(Object.entries(feeds));
  for (const { name, shape, source } of initializers) {
    if (source.kind !== "inline") throw new Error(`The test gives no value for ${name}.`);
    values.set(name, { shape, data: Float64Array.from(source.data as ArrayLike<number | bigint>, Number) });
  }
  for (const node of nodes) {
    const evaluate = EVALUATE[node.opType];
    if (!evaluate) throw new Error(`The reference has no ${node.opType}.`);
    const results = [
      evaluate(
        node.inputs.map((name) => values.get(name)!),
        node,
      ),
    ].flat();
    node.outputs.forEach((name, i) => {
      values.set(name, results[i]!);
    });
  }
  return Object.fromEntries(outputs.map(({ name }) => [name, values.get(name)!]));
}

const unary =
  (compute: (x: number) => number): Evaluate =>
  ([x]) => ({ shape: x!.shape, data: x!.data.map(compute) });

const binary =
  (compute: (a: number, b: number) => number): Evaluate =>
  ([a, b]) =>
    broadcastMap([a!, b!], ([x, y]) => compute(x!, y!));

/** Abramowitz and Stegun would do for float32; this is the series, for float64. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function reduce(combine: (values: number[]) => number): Evaluate {
  return ([x, axesInput], node) => {
    const rank = x!.shape.length;
    const axes = ints(axesInput).map((axis) => normalizeAxis(axis, rank));
    const kept = x!.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
    const groups: number[][] = Array.from({ length: count(kept) }, () => []);
    x!.data.forEach((value, i) => {
      const place = at(x!.shape, i).map((index, axis) => (axes.includes(axis) ? 0 : index));
      groups[indexOf(kept, place)]!.push(value);
    });
    const data = Float64Array.from(groups, combine);
    const shape =
      attribute(node, "keepdims", "int") === 0 ? x!.shape.filter((_, i) => !axes.includes(i)) : kept;
    return { shape, data };
  };
}

/** Runs a function over every row of the last axis. */
function overRows(x: Tensor, compute: (row: Float64Array) => ArrayLike<number>): Tensor {
  const width = x.shape.at(-1)!;
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < data.length; i += width) data.set(compute(x.data.subarray(i, i + width)), i);
  return { shape: x.shape, data };
}

const softmax: Evaluate = ([x]) =>
  overRows(x!, (row) => {
    const powers = row.map((value) => Math.exp(value - Math.max(...row)));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / total);
  });

const layerNormalization: Evaluate = ([x, scale, bias], node) => {
  const width = x!.shape.at(-1)!;
  const momentShape = [...x!.shape.slice(0, -1), 1];
  const means = fill(momentShape, () => 0);
  const inverses = fill(momentShape, () => 0);
  let row = 0;
  const normal = overRows(x!, (values) => {
    const mean = values.reduce((a, b) => a + b, 0) / width;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / width;
    const inverse = 1 / Math.sqrt(variance + attribute(node, "epsilon", "float")!);
    means.data[row] = mean;
    inverses.data[row++] = inverse;
    return values.map((value, i) => (value - mean) * inverse * scale!.data[i]! + bias!.data[i]!);
  });
  return [normal, means, inverses];
};

const matmul: Evaluate = ([a, b]) => {
  const [rows, inner] = a!.shape.slice(-2) as [number, number];
  const columns = b!.shape.at(-1)!;
  const [leadA, leadB] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
  const lead = broadcastMap([fill(leadA, (i) => i), fill(leadB, () => 0)], ([i]) => i!);
  const leadOfB = broadcastMap([fill(leadA, () => 0), fill(leadB, (i) => i)], ([, i]) => i!);
  return fill([...lead.shape, rows, columns], (i) => {
    const [batch, row, column] = [
      Math.floor(i / (rows * columns)),
      Math.floor(i / columns) % rows,
      i % columns,
    ];
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum +=
        a!.data[(lead.data[batch]! * rows + row) * inner + k]! *
        b!.data[(leadOfB.data[batch]! * inner + k) * columns + column]!;
    return sum;
  });
};

const gemm: Evaluate = ([a, b, c], node) => {
  const right = attribute(node, "transB", "int") ? transposed(b!, [1, 0]) : b!;
  const result = matmul([a!, right], node) as Tensor;
  return c ? broadcastMap([result, c], ([x, y]) => x! + y!) : result;
};

const gelu: Evaluate = ([x], node) => {
  const inner = (value: number) => Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3);
  const below =
    attribute(node, "approximate", "string") === "tanh"
      ? (value: number) => Math.tanh(inner(value))
      : (value: number) => erf(value / Math.SQRT2);
  return { shape: x!.shape, data: x!.data.map((value) => 0.5 * value * (1 + below(value))) };
};

const batchNormalization: Evaluate = ([x, scale, bias, mean, variance], node) => {
  const epsilon = attribute(node, "epsilon", "float")!;
  return fill(x!.shape, (i) => {
    const channel = at(x!.shape, i)[1]!;
    const deviation = Math.sqrt(variance!.data[channel]! + epsilon);
    return ((x!.data[i]! - mean!.data[channel]!) / deviation) * scale!.data[channel]! + bias!.data[channel]!;
  });
};

const EVALUATE: Readonly<Record<string, Evaluate>> = {
  ...CONVOLUTIONS,
  ...SHAPING,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Equal: binary((a, b) => Number(a === b)),
  Greater: binary((a, b) => Number(a > b)),
  Neg: unary((x) => -x),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Erf: unary(erf),
  Tanh: unary(Math.tanh),
  Floor: unary(Math.floor),
  Relu: unary((x) => Math.max(0, x)),
  Clip: ([x, least, most]) => ({
    shape: x!.shape,
    data: x!.data.map((value) => Math.min(Math.max(value, least!.data[0]!), most!.data[0]!)),
  }),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Softplus: unary((x) => Math.log1p(Math.exp(x))),
  Cast: unary((x) => x),
  Identity: unary((x) => x),
  Gelu: gelu,
  Where: ([condition, a, b]) => broadcastMap([condition!, a!, b!], ([is, x, y]) => (is ? x! : y!)),
  MatMul: matmul,
  Gemm: gemm,
  Softmax: softmax,
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
  ReduceSum: reduce(sumOf),
  ReduceMean: reduce((values) => sumOf(values) / values.length),
  ReduceMax: reduce((values) => Math.max(...values)),
  ReduceMin: reduce((values) => Math.min(...values)),
};
