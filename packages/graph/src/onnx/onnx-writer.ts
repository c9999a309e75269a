/**
 * Writes graphs as ONNX models (https://onnx.ai/onnx/repo-docs/IR.html), with weights inside or in a file
 * beside.
 */
import { SamError } from "@segany/masks";
import type {
  Attribute,
  Graph,
  GraphDtype,
  GraphNode,
  Initializer,
  TensorData,
  Value,
  WeightLoader,
} from "../types.js";
import { ProtoWriter } from "./protobuf.js";

const ONNX_DTYPE: Readonly<Record<GraphDtype, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Tensors below this size stay inside the model: a mapped page each would cost more than it saves. */
const EXTERNAL_MIN_BYTES = 1024;
/** Pages are mapped, so a tensor begins on a page of its own (64 KiB suits Windows as well). */
const EXTERNAL_ALIGNMENT = 65_536;

/** Takes the bytes of the weights file one after another. */
export type WeightSink = (bytes: Uint8Array) => Promise<void>;

/** Where a tensor lies in the weights file. */
interface ExternalRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Writes a model with its weights inside; for small models and for exported files.
 *
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit its
 *   shape or a model beyond protobuf's 2 GiB
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { add } from "@segany/graph/ops";
 * const g = createGraphBuilder("shift", new Map([["b", { shape: [2] }]]));
 * g.output("y", add(g, g.input("x", "float32", [2]), g.weight("b")));
 * const onnx = await writeModel(g.finish(), async () => Float32Array.of(0.5, 1));
 * console.log(readOnnxModel(onnx).graph.nodes.length); // 2
 */
export async function writeModel(graph: Graph, load: WeightLoader): Promise<Uint8Array<ArrayBuffer>> {
  const inside = new Map<string, Uint8Array>();
  let total = 0;
  for (const initializer of graph.initializers) {
    const bytes = await initializerBytes(initializer, load);
    inside.set(initializer.name, bytes);
    total += bytes.byteLength;
  }
  if (total >= 2 ** 31 - 2 ** 24) {
    throw new SamError(
      "graph-invalid",
      `Graph ${graph.name} holds ${total} bytes of weights; one ONNX file holds at most 2 GiB.`,
    );
  }
  return encodeModel(graph, (initializer, tensor) => tensor.bytes(9, inside.get(initializer.name)!));
}

/**
 * Writes a model whose larger weights go to a file beside it, one tensor at a time, so that memory holds one
 * tensor and a runtime can map the file.
 *
 * @param location name of the weights file as the model refers to it
 * @returns the model's own bytes
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { add } from "@segany/graph/ops";
 * const g = createGraphBuilder("shift", new Map([["b", { shape: [1000] }]]));
 * g.output("y", add(g, g.input("x", "float32", [1000]), g.weight("b")));
 * let bytes = 0;
 * const sink = async (part: Uint8Array) => void (bytes += part.length);
 * const load = async () => new Float32Array(1000);
 * await writeModelWithExternalData(g.finish(), load, "shift.data", sink);
 * console.log(bytes >= 4000); // true
 */
export async function writeModelWithExternalData(
  graph: Graph,
  load: WeightLoader,
  location: string,
  sink: WeightSink,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const inside = new Map<string, Uint8Array>();
  const outside = new Map<string, ExternalRange>();
  let offset = 0;
  for (const initializer of graph.initializers) {
    if (signal?.aborted) throw new SamError("aborted", "Building the model was cancelled.");
    const bytes = await initializerBytes(initializer, load);
    if (bytes.byteLength < EXTERNAL_MIN_BYTES) {
      inside.set(initializer.name, bytes);
      continue;
    }
    const padding = -offset & (EXTERNAL_ALIGNMENT - 1);
    if (padding > 0) await sink(new Uint8Array(padding));
    await sink(bytes);
    outside.set(initializer.name, { offset: offset + padding, length: bytes.byteLength });
    offset += padding + bytes.byteLength;
  }
  return encodeModel(graph, (initializer, tensor) => {
    const range = outside.get(initializer.name);
    if (range) writeExternalRange(tensor, location, range);
    else tensor.bytes(9, inside.get(initializer.name)!);
  });
}

async function initializerBytes(
  { name, shape, source }: Initializer,
  load: WeightLoader,
): Promise<Uint8Array> {
  const data = await initializerData(source, load);
  const count = shape.reduce((a, b) => a * b, 1);
  if (data.length !== count) {
    throw new SamError(
      "graph-invalid",
      `Tensor "${name}" has ${data.length} values, but its shape [${shape.join(", ")}] holds ${count}.`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function initializerData(source: Initializer["source"], load: WeightLoader): Promise<TensorData> {
  switch (source.kind) {
    case "inline":
      return source.data;
    case "weight":
      return load(source.key);
    case "computed":
      return source.compute(load);
  }
}

function encodeModel(
  graph: Graph,
  writeData: (initializer: Initializer, tensor: ProtoWriter) => void,
): Uint8Array<ArrayBuffer> {
  const model = new ProtoWriter();
  model.varint(1, graph.opset >= 20 ? 9 : 8).string(2, "segany");
  model.message(7, (body) => {
    for (const node of graph.nodes) body.message(1, (nested) => writeNode(nested, node));
    body.string(2, graph.name);
    for (const initializer of graph.initializers) {
      body.message(5, (tensor) => {
        for (const dim of initializer.shape) tensor.varint(1, dim);
        tensor.varint(2, ONNX_DTYPE[initializer.dtype]).string(8, initializer.name);
        writeData(initializer, tensor);
      });
    }
    for (const input of graph.inputs) body.message(11, (nested) => writeValue(nested, input));
    for (const output of graph.outputs) body.message(12, (nested) => writeValue(nested, output));
  });
  const domains = new Set(graph.nodes.map((node) => node.domain));
  for (const domain of new Set(["", ...domains])) {
    model.message(8, (opset) => opset.string(1, domain).varint(2, domain === "" ? graph.opset : 1));
  }
  return model.finish();
}

function writeExternalRange(tensor: ProtoWriter, location: string, { offset, length }: ExternalRange): void {
  const entries = { location, offset: String(offset), length: String(length) };
  for (const [key, value] of Object.entries(entries)) {
    tensor.message(13, (entry) => entry.string(1, key).string(2, value));
  }
  tensor.varint(14, 1);
}

function writeNode(writer: ProtoWriter, node: GraphNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name).string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.message(5, (nested) => writeAttribute(nested.string(1, name), attribute));
  }
  if (node.domain !== "") writer.string(7, node.domain);
}

function writeAttribute(writer: ProtoWriter, attribute: Attribute): void {
  switch (attribute.kind) {
    case "float":
      writer.float(2, attribute.value).varint(20, 1);
      return;
    case "int":
      writer.varint(3, attribute.value).varint(20, 2);
      return;
    case "string":
      writer.string(4, attribute.value).varint(20, 3);
      return;
    case "ints":
      for (const value of attribute.value) writer.varint(8, value);
      writer.varint(20, 7);
  }
}

function writeValue(writer: ProtoWriter, value: Value): void {
  writer.string(1, value.name).message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.varint(1, ONNX_DTYPE[value.dtype]);
      tensor.message(2, (shape) => {
        for (const dim of value.shape) {
          shape.message(1, (nested) =>
            typeof dim === "number" ? nested.varint(1, dim) : nested.string(2, dim),
          );
        }
      });
    }),
  );
}
