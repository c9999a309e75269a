/**
 * ONNX tensors as they are read: `TensorProto` of onnx.proto3, whose field numbers stand beside each case
 * below.
 */

import { SamError } from "@segany/masks";
import type { TensorDtype } from "../weights/types.js";
import {
  bytesOf,
  integerOf,
  integersOf,
  nestedFields,
  type ProtoField,
  stringOf,
} from "./protobuf-reader.js";

/** A part of a file beside the model that holds a tensor's values. */
export interface ExternalData {
  /** Path relative to the model's folder, as written: not checked for leaving it. */
  readonly location: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A tensor of an ONNX file; `dims` is empty for a scalar. */
export interface OnnxTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly dims: readonly number[];
  /**
   * Values row-major and little-endian, where possible as a view into the file; or where they are kept
   * instead.
   */
  readonly data:
    | { readonly kind: "bytes"; readonly bytes: Uint8Array }
    | { readonly kind: "external"; readonly external: ExternalData };
}

/** `TensorProto.DataType`: number, our name for it, bytes an element takes. */
const DATA_TYPES = new Map<number, { dtype: TensorDtype; itemBytes: number }>([
  [1, { dtype: "float32", itemBytes: 4 }],
  [2, { dtype: "uint8", itemBytes: 1 }],
  [3, { dtype: "int8", itemBytes: 1 }],
  [5, { dtype: "int16", itemBytes: 2 }],
  [6, { dtype: "int32", itemBytes: 4 }],
  [7, { dtype: "int64", itemBytes: 8 }],
  [9, { dtype: "bool", itemBytes: 1 }],
  [10, { dtype: "float16", itemBytes: 2 }],
  [11, { dtype: "float64", itemBytes: 8 }],
  [16, { dtype: "bfloat16", itemBytes: 2 }],
]);

/**
 * The element type that a `TensorProto.DataType` number stands for; `graph-invalid` for text, complex and
 * packed types.
 */
export function onnxDtype(dataType: number): { readonly dtype: TensorDtype; readonly itemBytes: number } {
  const known = DATA_TYPES.get(dataType);
  if (known === undefined) {
    throw new SamError(
      "graph-invalid",
      `ONNX data type ${dataType} cannot be read; known are ${[...DATA_TYPES.keys()]}.`,
    );
  }
  return known;
}

interface TensorParts {
  name: string;
  dims: number[];
  dataType: number;
  raw: Uint8Array | undefined;
  /**
   * Values of the typed lists, packed or not: `float_data`, `double_data`, or `int32_data` and `int64_data`.
   */
  lists: Uint8Array[];
  integers: number[];
  external: Map<string, string>;
  isExternal: boolean;
}

/**
 * Reads the `TensorProto` that a field holds; `graph-invalid` unless dimensions, type and data fit together.
 */
export function readTensor(field: ProtoField): OnnxTensor {
  const parts: TensorParts = {
    name: "",
    dims: [],
    dataType: 0,
    raw: undefined,
    lists: [],
    integers: [],
    external: new Map(),
    isExternal: false,
  };
  for (const part of nestedFields(field)) collect(parts, part);
  const { name, dims } = parts;
  const { dtype, itemBytes } = onnxDtype(parts.dataType);
  if (parts.isExternal)
    return { name, dtype, dims, data: { kind: "external", external: externalData(parts) } };
  const bytes = parts.raw ?? typedBytes(parts, dtype, itemBytes);
  const expected = dims.reduce((product, dim) => product * dim, itemBytes);
  if (dims.some((dim) => dim < 0) || bytes.byteLength !== expected) {
    throw new SamError(
      "graph-invalid",
      `Tensor "${name}" is ${dtype} [${dims}] and has ${bytes.byteLength} bytes of data instead of ${expected}.`,
    );
  }
  return { name, dtype, dims, data: { kind: "bytes", bytes } };
}

/**
 * A float32 tensor's values in a new array.
 *
 * `graph-invalid` for another type or for values kept in another file.
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { add } from "@segany/graph/ops";
 * const g = createGraphBuilder("shift", new Map([["b", { shape: [2] }]]));
 * g.output("y", add(g, g.input("x", "float32", [2]), g.weight("b")));
 * const model = readOnnxModel(await writeModel(g.finish(), async () => Float32Array.of(0.5, 1)));
 * const [bias] = model.graph.initializers.values();
 * console.log(tensorFloats(bias!)); // Float32Array(2) [ 0.5, 1 ]
 */
export function tensorFloats(tensor: OnnxTensor): Float32Array<ArrayBuffer> {
  if (tensor.dtype !== "float32" || tensor.data.kind !== "bytes") {
    const what = tensor.data.kind === "bytes" ? tensor.dtype : `kept in ${tensor.data.external.location}`;
    throw new SamError(
      "graph-invalid",
      `Tensor "${tensor.name}" should hold float32 values, but is ${what}.`,
    );
  }
  const { bytes } = tensor.data;
  const values = new Float32Array(bytes.byteLength / 4);
  // A copy byte for byte: tensors lie at any offset in the file, and a Float32Array can only view multiples
  // of 4.
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

function collect(parts: TensorParts, part: ProtoField): void {
  switch (part.field) {
    case 1: // dims
      parts.dims.push(...integersOf(part));
      break;
    case 2: // data_type
      parts.dataType = integerOf(part);
      break;
    case 4: // float_data
    case 10: // double_data
      parts.lists.push(part.wire === "varint" ? bytesOf(part) : part.value);
      break;
    case 5: // int32_data: also holds int16, int8, uint8, bool, and the bits of float16 and bfloat16
    case 7: // int64_data
      for (const value of integersOf(part)) parts.integers.push(value);
      break;
    case 8: // name
      parts.name = stringOf(part);
      break;
    case 9: // raw_data
      parts.raw = bytesOf(part);
      break;
    case 13: {
      const [key, value] = readStringPair(part);
      parts.external.set(key, value);
      break;
    }
    case 14: // data_location: 0 here, 1 external
      parts.isExternal = integerOf(part) === 1;
      break;
  }
}

function typedBytes(parts: TensorParts, dtype: TensorDtype, itemBytes: number): Uint8Array {
  if (dtype === "float32" || dtype === "float64") {
    if (parts.lists.length === 1) return parts.lists[0]!;
    const bytes = new Uint8Array(parts.lists.reduce((sum, list) => sum + list.byteLength, 0));
    let offset = 0;
    for (const list of parts.lists) {
      bytes.set(list, offset);
      offset += list.byteLength;
    }
    return bytes;
  }
  const view = new DataView(new ArrayBuffer(parts.integers.length * itemBytes));
  parts.integers.forEach((value, i) => {
    if (itemBytes === 8) view.setBigInt64(i * 8, BigInt(value), true);
    else if (itemBytes === 4) view.setInt32(i * 4, value, true);
    else if (itemBytes === 2) view.setInt16(i * 2, value, true);
    else view.setInt8(i, value);
  });
  return new Uint8Array(view.buffer);
}

function externalData(parts: TensorParts): ExternalData {
  const location = parts.external.get("location") ?? "";
  const offsetBytes = Number(parts.external.get("offset") ?? 0);
  const lengthBytes = Number(parts.external.get("length") ?? Number.NaN);
  if (location === "" || !Number.isSafeInteger(offsetBytes) || !Number.isSafeInteger(lengthBytes)) {
    throw new SamError(
      "graph-invalid",
      `Tensor "${parts.name}" lies in another file, without saying where exactly.`,
    );
  }
  return { location, offsetBytes, lengthBytes };
}

/** Reads a `StringStringEntryProto`. */
function readStringPair(field: ProtoField): [key: string, value: string] {
  const pair: [string, string] = ["", ""];
  for (const part of nestedFields(field)) {
    if (part.field === 1 || part.field === 2) pair[part.field - 1] = stringOf(part);
  }
  return pair;
}
