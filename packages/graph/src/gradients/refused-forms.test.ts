/** Forms of operators that have no rule: a wrong gradient would be worse than none. */
import { expect, it } from "vitest";
import { createGraphBuilder, type GraphBuilder } from "../builder.js";
import { reduceSum } from "../ops.js";
import type { Attribute, Dim, Value } from "../types.js";
import { gradients } from "./gradients.js";

const int = (value: number): Attribute => ({ kind: "int", value });
const ints = (...value: number[]): Attribute => ({ kind: "ints", value });
const text = (value: string): Attribute => ({ kind: "string", value });
const float = (value: number): Attribute => ({ kind: "float", value });

interface Form {
  readonly opType: string;
  /** Shapes of float inputs; further ones are constants. */
  readonly shapes: readonly (readonly Dim[])[];
  readonly more?: (g: GraphBuilder) => Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly output: readonly Dim[];
}

const conv = (attributes: Form["attributes"], kernel = [3, 3]): Form => ({
  opType: "Conv",
  shapes: [
    [1, 2, 8, 8],
    [2, 2, ...kernel],
  ],
  attributes,
  output: [1, 2, 6, 6],
});

const convTranspose = (attributes: Form["attributes"]): Form => ({
  opType: "ConvTranspose",
  shapes: [
    [1, 2, 4, 4],
    [2, 2, 2, 2],
  ],
  attributes: { strides: ints(2, 2), ...attributes },
  output: [1, 2, 8, 8],
});

const gemm = (attributes: Form["attributes"]): Form => ({
  opType: "Gemm",
  shapes: [
    [2, 2],
    [2, 2],
  ],
  attributes,
  output: [2, 2],
});

const normalization = (opType: string, attributes: Form["attributes"], count: number): Form => ({
  opType,
  shapes: [[2, 3], ...Array.from({ length: count }, () => [3])],
  attributes,
  output: [2, 3],
});

const pad = (pads: number[], attributes: Form["attributes"] = {}): Form => ({
  opType: "Pad",
  shapes: [[2, 3]],
  more: (g) => [g.ints(pads)],
  attributes,
  output: [4, 3],
});

const FORMS: readonly (readonly [what: string, form: Form])[] = [
  ["auto_pad", conv({ auto_pad: text("SAME_UPPER") })],
  ["dilations", conv({ dilations: ints(2, 2) })],
  ["strides", conv({ strides: ints(1, 2) })],
  ["pads", conv({ pads: ints(0, 0, 1, 1) })],
  ["padding must be smaller", conv({ pads: ints(3, 3, 3, 3) })],
  ["square", conv({}, [3, 1])],
  [
    "one group a channel",
    {
      ...conv({ group: int(2) }),
      shapes: [
        [1, 4, 8, 8],
        [4, 2, 3, 3],
      ],
    },
  ],
  ["auto_pad", convTranspose({ auto_pad: text("VALID") })],
  ["dilations", convTranspose({ dilations: ints(2, 2) })],
  ["strides", convTranspose({ strides: ints(2, 1) })],
  ["pads", convTranspose({ pads: ints(1, 1, 0, 0) })],
  ["output_padding", convTranspose({ output_padding: ints(1, 1) })],
  ["output_shape", convTranspose({ output_shape: ints(8, 8) })],
  ["group", convTranspose({ group: int(2) })],
  ["transA", gemm({ transA: int(1) })],
  ["alpha", gemm({ alpha: float(0.5) })],
  ["beta", gemm({ beta: float(2) })],
  ["axis", normalization("LayerNormalization", { axis: int(0) }, 2)],
  ["training_mode", normalization("BatchNormalization", { training_mode: int(1) }, 4)],
  ["taken as a constant", normalization("BatchNormalization", {}, 4)],
  ["mode", pad([1, 0, 1, 0], { mode: text("reflect") })],
  ["crops", pad([-1, 0, 1, 0])],
  ["names axes", { ...pad([1, 1]), more: (g) => [g.ints([1, 1]), g.scalar(0), g.ints([0])] }],
  [
    "names no axes",
    { opType: "ReduceSum", shapes: [[2, 3]], more: (g) => [g.ints([])], attributes: {}, output: [1, 1] },
  ],
  [
    "leaves elements out",
    {
      opType: "Slice",
      shapes: [[4]],
      more: (g) => [[0], [4], [0], [2]].map((values) => g.ints(values)),
      attributes: {},
      output: [2],
    },
  ],
];

it.each(FORMS)("refuses %s of %j", (what, { opType, shapes, more, attributes, output }) => {
  const g = createGraphBuilder("form", new Map());
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, "float32", shape));
  const [y] = g.node({
    opType,
    inputs: [...inputs, ...(more?.(g) ?? [])],
    attributes,
    outputs: [{ dtype: "float32", shape: output }],
  });
  const axes = output.map((_, axis) => axis);
  const loss = reduceSum(g, y!, axes, false);
  expect(() => gradients(g, loss, inputs)).toThrow(
    expect.objectContaining({
      code: "graph-invalid",
      message: expect.stringMatching(new RegExp(`^${opType} ${opType}_\\d+ has no gradient: .*${what}`)),
    }),
  );
});

it("refuses a loss that depends on another output than the first", () => {
  const g = createGraphBuilder("moments", new Map());
  const x = g.input("x", "float32", [2, 3]);
  const ones = g.constant(new Float32Array(3).fill(1), [3]);
  const [, mean] = g.node({
    opType: "LayerNormalization",
    inputs: [x, ones, ones],
    attributes: { axis: int(-1) },
    outputs: [x, { dtype: "float32", shape: [2, 1] }],
  });
  expect(() => gradients(g, reduceSum(g, mean!, [0, 1], false), [x])).toThrow(
    /another output than its first/,
  );
});
