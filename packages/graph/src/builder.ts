import { createConstants, type WeightShapes } from "./constants.js";
import type {
  Attribute,
  Dim,
  Graph,
  GraphDtype,
  GraphNode,
  TensorData,
  Value,
  WeightLoader,
} from "./types.js";
import { createValueTable } from "./value-table.js";

/** What a new node is made of; `outputs` are the dtype and shape of each result. */
export interface NodeSpec {
  readonly opType: string;
  readonly domain?: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly { readonly dtype: GraphDtype; readonly shape: readonly Dim[] }[];
}

/**
 * Collects the nodes and constants of one graph. Model code calls the functions of `ops/`, which call this.
 */
export interface GraphBuilder {
  /** Version of the standard operator set; operators that a version lacks are composed from older ones. */
  readonly opset: number;
  /** Declares an input of the graph. */
  input(name: string, dtype: GraphDtype, shape: readonly Dim[]): Value;
  /** Names a value as an output of the graph, under that very name. */
  output(name: string, value: Value): void;
  /** A checkpoint's tensor under its original key; asking twice gives the same value. */
  weight(key: string): Value;
  /** Shape of a checkpoint's tensor that does not itself become part of the graph, as `computed` needs it. */
  weightShape(key: string): readonly number[];
  /** Whether the checkpoint has a tensor of that key. */
  hasWeight(key: string): boolean;
  /** A constant made from checkpoint tensors when the graph is written. */
  computed(
    name: string,
    shape: readonly number[],
    compute: (load: WeightLoader) => Promise<TensorData>,
    dtype?: GraphDtype,
  ): Value;
  /** A constant whose values stand in the program. */
  constant(data: TensorData, shape: readonly number[]): Value;
  /** A constant that several places need: made when the first one asks for this key. */
  sharedConstant(
    key: string,
    make: () => { readonly data: TensorData; readonly shape: readonly number[] },
  ): Value;
  /** A float32 scalar. */
  scalar(value: number): Value;
  /** A vector of int64, as shapes, axes and indices are. */
  ints(values: readonly number[]): Value;
  node(spec: NodeSpec): Value[];
  /** The nodes so far, each after those it depends on. */
  readonly nodes: readonly GraphNode[];
  /** Every value so far, by name. */
  readonly values: ReadonlyMap<string, Value>;
  /** The values of a constant that stands in the program; undefined for any other value. */
  inlineData(value: Value): TensorData | undefined;
  finish(): Graph;
}

/**
 * Starts an empty graph over the tensors of a checkpoint.
 *
 * @example
 * import { add } from "@segany/graph/ops";
 * const g = createGraphBuilder("affine", new Map([["scale", { shape: [3] }]]));
 * const x = g.input("x", "float32", ["N", 3]);
 * g.output("y", add(g, x, g.weight("scale")));
 * console.log(g.finish().nodes.length); // 2
 */
export function createGraphBuilder(name: string, weights: WeightShapes, opset = 20): GraphBuilder {
  const table = createValueTable(name);
  const { all: initializers, ...constants } = createConstants(table, weights);
  const nodes: GraphNode[] = [];
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  return {
    ...constants,
    opset,
    nodes,
    values: table.values,
    input(inputName, dtype, shape) {
      const value = table.declare({ name: inputName, dtype, shape });
      inputs.push(value);
      return value;
    },
    output(outputName, value) {
      outputs.push(table.declare({ ...value, name: outputName }));
      nodes.push(identity(value.name, outputName));
    },
    node(spec) {
      const id = table.number(spec.opType);
      const results = spec.outputs.map(({ dtype, shape }, i) =>
        table.declare({ name: spec.outputs.length === 1 ? id : `${id}_${i}`, dtype, shape }),
      );
      nodes.push(nodeOf(id, spec, results));
      return results;
    },
    finish: () => ({
      name,
      opset,
      inputs,
      outputs,
      nodes,
      initializers: initializers(),
      values: table.values,
    }),
  };
}

/** Gives a value the name of an output. */
function identity(valueName: string, outputName: string): GraphNode {
  return {
    name: `output_${outputName}`,
    opType: "Identity",
    domain: "",
    inputs: [valueName],
    outputs: [outputName],
    attributes: {},
  };
}

function nodeOf(name: string, spec: NodeSpec, results: readonly Value[]): GraphNode {
  return {
    name,
    opType: spec.opType,
    domain: spec.domain ?? "",
    inputs: spec.inputs.map((value) => value?.name ?? ""),
    outputs: results.map((value) => value.name),
    attributes: spec.attributes ?? {},
  };
}
