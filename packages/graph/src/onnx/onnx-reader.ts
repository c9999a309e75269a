/**
 * Reads ONNX models, as far as weights and structure go: `ModelProto` of onnx.proto3, whose field numbers
 * stand beside each case below. Tensor values stay views into the given bytes.
 */

import { SamError } from "@segany/masks";
import type { TensorDtype } from "../weights/types.js";
import { type OnnxTensor, onnxDtype, readTensor } from "./onnx-tensor.js";
import {
  floatOf,
  floatsOf,
  integerOf,
  integersOf,
  nestedFields,
  type ProtoField,
  readFields,
  stringOf,
} from "./protobuf-reader.js";

/** An attribute of a node, by its ONNX type. */
export type OnnxAttribute =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "graph"; readonly value: OnnxGraph }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] };

/** One operation; an empty input name is an optional input left out. */
export interface OnnxNode {
  readonly opType: string;
  /** "" for the standard operators. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An input or output of a graph; a text dimension is fixed only when the graph runs. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly dims: readonly (number | string)[];
}

/** A graph: nodes in the order stored, which ONNX asks to be an order of execution. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** An ONNX file. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  /** Version of each operator set, by domain ("" is the standard one). */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: OnnxGraph;
}

/**
 * Reads an ONNX model.
 *
 * @param bytes the whole file; kept alive by the tensors, and must not change
 * @throws SamError `graph-invalid` for anything that is no sound ONNX model
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { relu } from "@segany/graph/ops";
 * const g = createGraphBuilder("relu", new Map());
 * g.output("y", relu(g, g.input("x", "float32", [3])));
 * const noWeights = () => Promise.reject(new Error("This graph has no weights."));
 * const model = readOnnxModel(await writeModel(g.finish(), noWeights));
 * console.log(model.graph.nodes.map(({ opType }) => opType)); // [ 'Relu', 'Identity' ]
 */
export function readOnnxModel(bytes: Uint8Array): OnnxModel {
  // A plain view: a subclass (Node's Buffer) would hand its own meaning of `slice` on to the tensors.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let irVersion = 0;
  let producerName = "";
  const opsets = new Map<string, number>();
  let graph: OnnxGraph | undefined;
  for (const field of readFields(plain)) {
    switch (field.field) {
      case 1:
        irVersion = integerOf(field);
        break;
      case 2:
        producerName = stringOf(field);
        break;
      case 7:
        graph = readGraph(field);
        break;
      case 8:
        readOpset(field, opsets);
        break;
    }
  }
  if (graph === undefined || irVersion === 0) {
    throw new SamError("graph-invalid", "The file holds no ONNX model: its version or its graph is missing.");
  }
  return { irVersion, producerName, opsets, graph };
}

function readOpset(field: ProtoField, opsets: Map<string, number>): void {
  let domain = "";
  let version = 0;
  for (const part of nestedFields(field)) {
    if (part.field === 1) domain = stringOf(part);
    else if (part.field === 2) version = integerOf(part);
  }
  opsets.set(domain, version);
}

function readGraph(field: ProtoField): OnnxGraph {
  let name = "";
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  for (const part of nestedFields(field)) {
    switch (part.field) {
      case 1:
        nodes.push(readNode(part));
        break;
      case 2:
        name = stringOf(part);
        break;
      case 5: {
        const tensor = readTensor(part);
        if (initializers.has(tensor.name)) {
          throw new SamError(
            "graph-invalid",
            `The ONNX graph holds two initialisers named "${tensor.name}".`,
          );
        }
        initializers.set(tensor.name, tensor);
        break;
      }
      case 11:
        inputs.push(readValueInfo(part));
        break;
      case 12:
        outputs.push(readValueInfo(part));
        break;
    }
  }
  return { name, nodes, initializers, inputs, outputs };
}

function readNode(field: ProtoField): OnnxNode {
  const node = { opType: "", domain: "", name: "" };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  for (const part of nestedFields(field)) {
    switch (part.field) {
      case 1:
        inputs.push(stringOf(part));
        break;
      case 2:
        outputs.push(stringOf(part));
        break;
      case 3:
        node.name = stringOf(part);
        break;
      case 4:
        node.opType = stringOf(part);
        break;
      case 5: {
        const [name, attribute] = readAttribute(part);
        attributes.set(name, attribute);
        break;
      }
      case 7:
        node.domain = stringOf(part);
        break;
    }
  }
  return { ...node, inputs, outputs, attributes };
}

/** `AttributeProto`: the values lie in fields of their own by type; a list may take several. */
function readAttribute(field: ProtoField): [name: string, attribute: OnnxAttribute] {
  let name = "";
  let type = 0;
  const values = new Map<number, ProtoField[]>();
  for (const part of nestedFields(field)) {
    if (part.field === 1) name = stringOf(part);
    else if (part.field === 20) type = integerOf(part);
    else values.set(part.field, [...(values.get(part.field) ?? []), part]);
  }
  return [name, attributeOfType(name, type, values)];
}

function attributeOfType(name: string, type: number, values: Map<number, ProtoField[]>): OnnxAttribute {
  const one = (field: number): ProtoField | undefined => values.get(field)?.at(-1);
  const list = (field: number): ProtoField[] => values.get(field) ?? [];
  const [f, i, s, t, g] = [one(2), one(3), one(4), one(5), one(6)];
  switch (type) {
    case 1:
      return { kind: "float", value: f === undefined ? 0 : floatOf(f) }; // proto3 leaves zeros out
    case 2:
      return { kind: "int", value: i === undefined ? 0 : integerOf(i) };
    case 3:
      return { kind: "string", value: s === undefined ? "" : stringOf(s) };
    case 4:
      if (t !== undefined) return { kind: "tensor", value: readTensor(t) };
      break;
    case 5:
      if (g !== undefined) return { kind: "graph", value: readGraph(g) };
      break;
    case 6:
      return { kind: "floats", value: list(7).flatMap(floatsOf) };
    case 7:
      return { kind: "ints", value: list(8).flatMap(integersOf) };
    case 8:
      return { kind: "strings", value: list(9).map(stringOf) };
  }
  throw new SamError(
    "graph-invalid",
    `The ONNX attribute "${name}" is of type ${type}, which cannot be read, or empty.`,
  );
}

function readValueInfo(field: ProtoField): OnnxValueInfo {
  let name = "";
  let type: { dtype: TensorDtype; dims: (number | string)[] } | undefined;
  for (const part of nestedFields(field)) {
    if (part.field === 1) name = stringOf(part);
    else if (part.field === 2) type = readTensorType(part);
  }
  if (type === undefined) throw new SamError("graph-invalid", `"${name}" of the ONNX graph is no tensor.`);
  return { name, ...type };
}

/** `TypeProto` → `Tensor` → element type and `TensorShapeProto` → `Dimension`. */
function readTensorType(field: ProtoField): { dtype: TensorDtype; dims: (number | string)[] } | undefined {
  for (const type of nestedFields(field)) {
    if (type.field !== 1) continue;
    let dataType = 0;
    const dims: (number | string)[] = [];
    for (const part of nestedFields(type)) {
      if (part.field === 1) dataType = integerOf(part);
      else if (part.field === 2)
        for (const dim of nestedFields(part)) if (dim.field === 1) dims.push(readDimension(dim));
    }
    return { dtype: onnxDtype(dataType).dtype, dims };
  }
  return undefined;
}

function readDimension(field: ProtoField): number | string {
  let dim: number | string = "";
  for (const part of nestedFields(field)) {
    if (part.field === 1) dim = integerOf(part);
    else if (part.field === 2) dim = stringOf(part);
  }
  return dim;
}
