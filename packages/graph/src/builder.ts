import { SamError } from "@segany/masks";
import { show } from "./shape.js";
import type {
  Attribute,
  Dim,
  Graph,
  GraphDtype,
  GraphNode,
  Initializer,
  TensorData,
  Value,
  WeightLoader,
} from "./types.js";

/** Shapes of the checkpoint's tensors, by their original keys. */
export type WeightShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** What a new node is made of; `outputs` are the dtype and shape of each result. */
export interface NodeSpec {
  readonly opType: string;
  readonly domain?: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly { readonly dtype: GraphDtype; readonly shape: readonly Dim[] }[];
}

/** Collects the nodes and constants of one graph. Model code calls the functions of `ops/`, which call this. */
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
  finish(): Graph;
}

/** Starts an empty graph over the tensors of a checkpoint. */
export function createGraphBuilder(name: string, weights: WeightShapes, opset = 20): GraphBuilder {
  const nodes: GraphNode[] = [];
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  const values = new Map<string, Value>();
  const initializers = new Map<string, Initializer>();
  const constants = new Map<string, Value>();
  let serial = 0;

  function declare<T extends Value>(value: T): T {
    if (values.has(value.name))
      throw new SamError("graph-invalid", `The name ${value.name} is used twice in graph ${name}.`);
    values.set(value.name, value);
    return value;
  }

  function initializer(value: Initializer): Value {
    initializers.set(value.name, declare(value));
    return value;
  }

  function weightShape(key: string): readonly number[] {
    const info = weights.get(key);
    if (info) return info.shape;
    throw new SamError(
      "checkpoint-invalid",
      `The checkpoint has no tensor "${key}", which this model needs.`,
    );
  }

  function constant(data: TensorData, shape: readonly number[]): Value {
    const count = shape.reduce((a, b) => a * b, 1);
    if (count !== data.length) {
      throw new SamError(
        "graph-invalid",
        `A constant of shape ${show(shape)} cannot hold ${data.length} values.`,
      );
    }
    return initializer({
      name: `constant_${serial++}`,
      dtype: dtypeOf(data),
      shape,
      source: { kind: "inline", data },
    });
  }

  /** Small constants (shapes, axes, scalars) repeat all over a graph: one initialiser serves for all. */
  function shared(key: string, make: () => Value): Value {
    const found = constants.get(key) ?? make();
    constants.set(key, found);
    return found;
  }

  return {
    opset,
    input(inputName, dtype, shape) {
      const value = declare({ name: inputName, dtype, shape });
      inputs.push(value);
      return value;
    },
    output(outputName, value) {
      const renamed = declare({ ...value, name: outputName });
      nodes.push({
        name: `output_${outputName}`,
        opType: "Identity",
        domain: "",
        inputs: [value.name],
        outputs: [outputName],
        attributes: {},
      });
      outputs.push(renamed);
    },
    weight(key) {
      const existing = initializers.get(key);
      if (existing) return existing;
      return initializer({
        name: key,
        dtype: "float32",
        shape: weightShape(key),
        source: { kind: "weight", key },
      });
    },
    weightShape,
    hasWeight: (key) => weights.has(key),
    computed(computedName, shape, compute, dtype = "float32") {
      return initializer({ name: computedName, dtype, shape, source: { kind: "computed", compute } });
    },
    constant,
    sharedConstant: (key, make) =>
      shared(`c${key}`, () => {
        const { data, shape } = make();
        return constant(data, shape);
      }),
    scalar: (value) => shared(`f${value}`, () => constant(Float32Array.of(value), [])),
    ints: (list) =>
      shared(`i${list.join()}`, () => constant(BigInt64Array.from(list, BigInt), [list.length])),
    node(spec) {
      const id = `${spec.opType}_${serial++}`;
      const results = spec.outputs.map((output, i) =>
        declare({
          name: spec.outputs.length === 1 ? id : `${id}_${i}`,
          dtype: output.dtype,
          shape: output.shape,
        }),
      );
      nodes.push({
        name: id,
        opType: spec.opType,
        domain: spec.domain ?? "",
        inputs: spec.inputs.map((value) => value?.name ?? ""),
        outputs: results.map((value) => value.name),
        attributes: spec.attributes ?? {},
      });
      return results;
    },
    finish: () => ({ name, opset, inputs, outputs, nodes, initializers: [...initializers.values()], values }),
  };
}

function dtypeOf(data: TensorData): GraphDtype {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Int8Array) return "int8";
  return data instanceof Uint16Array ? "float16" : "uint8";
}
