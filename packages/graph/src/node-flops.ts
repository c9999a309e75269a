/** Floating-point operations of one node, from the definition of its operator. */
import { SamError } from "@segany/masks";
import { type Extents, elementCount, extentOf } from "./extents.js";
import type { GraphNode, Value } from "./types.js";

/** Shapes around a node; an optional input that is left out is undefined. */
interface NodeShapes {
  readonly node: GraphNode;
  readonly inputs: readonly (Value | undefined)[];
  readonly extents: Extents;
}

/** Operators that only move, choose or describe values. */
const MOVES = new Set(
  "Cast Compress Concat Expand Gather GatherND Identity Pad Reshape Shape Slice Split ScatterND Squeeze Transpose Unsqueeze".split(
    " ",
  ),
);

/** One operation for each value that comes out: a transcendental function counts as one, too. */
const ONE_EACH = new Set(
  "Add Clip Cos Div Equal Erf Exp Floor Greater Log Mul Neg Relu Sigmoid Sin Softplus Sqrt Sub Tanh Where Gelu QuickGelu".split(
    " ",
  ),
);

/** One operation for each value that goes in. */
const REDUCTIONS = new Set("ArgMax ReduceMax ReduceMean ReduceMin ReduceSum".split(" "));

/** Operations for each value of a normalisation: subtract, square, two sums, scale, shift, and the like. */
const PER_VALUE: Readonly<Record<string, number>> = {
  BatchNormalization: 2,
  LayerNormalization: 7,
  Resize: 7,
  Softmax: 4,
};

/**
 * Counts a node.
 *
 * @throws SamError `graph-invalid` for an operator that is not counted here
 */
export function countNodeFlops(
  node: GraphNode,
  inputs: readonly (Value | undefined)[],
  outputs: readonly Value[],
  extents: Extents,
): number {
  const { opType } = node;
  if (MOVES.has(opType)) return 0;
  const shapes: NodeShapes = { node, inputs, extents };
  const values = elementCount(outputs[0]!.shape, extents);
  if (ONE_EACH.has(opType)) return values;
  if (REDUCTIONS.has(opType)) return elementCount(inputs[0]!.shape, extents);
  const perValue = PER_VALUE[opType];
  return perValue === undefined ? productFlops(shapes, values) : perValue * values;
}

/** Operators that are matrix products at heart; a bias adds one operation a value. */
function productFlops(shapes: NodeShapes, values: number): number {
  const { node, inputs, extents } = shapes;
  const [first, second, third] = inputs;
  const extent = (value: Value | undefined, axis: number) => extentOf(value!.shape.at(axis)!, extents);
  switch (node.opType) {
    case "MatMul":
      return 2 * values * extent(first, -1);
    case "FusedMatMul":
    case "Gemm":
      return values * (2 * extent(first, isSet(node, "transA") ? -2 : -1) + (third ? 1 : 0));
    case "DynamicQuantizeMatMul":
      return values * (2 * extent(first, -1) + (inputs[4] ? 1 : 0));
    case "Conv": // weights out x in/groups x kh x kw
      return values * (2 * elementCount(second!.shape.slice(1), extents) + (third ? 1 : 0));
    case "ConvTranspose": // kernel equals stride: each value comes from one place; weights in x out x kh x kw
      return values * (2 * extent(second, 0) + (third ? 1 : 0));
    case "MultiHeadAttention":
      return multiHeadAttentionFlops(shapes);
    case "Attention":
      return selfAttentionFlops(shapes);
    default:
      throw new SamError("graph-invalid", `Nobody has counted yet what the operator ${node.opType} costs.`);
  }
}

/** What attention is among: `batch` times `queries` x `keys`, all heads' width together. */
interface AttentionExtents {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
}

function multiHeadAttentionFlops(shapes: NodeShapes): number {
  const [query, key, value] = shapes.inputs;
  const [batch, queries, width] = extentsOf(query!, shapes.extents);
  const keys = extentOf(key!.shape.at(-2)!, shapes.extents);
  const inValue = extentOf(value!.shape.at(-1)!, shapes.extents);
  const valueWidth = value!.shape.length === 4 ? inValue * headsOf(shapes.node) : inValue;
  return attentionFlops(shapes, { batch, queries, keys, width, valueWidth });
}

/** Attention with its projection inside: weight [in, 3·width]. */
function selfAttentionFlops(shapes: NodeShapes): number {
  const [batch, tokens, channels] = extentsOf(shapes.inputs[0]!, shapes.extents);
  const outputs = extentOf(shapes.inputs[1]!.shape[1]!, shapes.extents);
  const width = outputs / 3;
  const projection = batch * tokens * outputs * (2 * channels + 1);
  return (
    projection + attentionFlops(shapes, { batch, queries: tokens, keys: tokens, width, valueWidth: width })
  );
}

/** Scores and their use are products; on each score a scale, the bias if there is one, and a softmax. */
function attentionFlops(
  { node, inputs }: NodeShapes,
  { batch, queries, keys, width, valueWidth }: AttentionExtents,
): number {
  const scores = batch * headsOf(node) * queries * keys;
  return (
    2 * batch * queries * keys * (width + valueWidth) +
    scores * (PER_VALUE.Softmax! + 1 + (inputs[5] ? 1 : 0))
  );
}

function extentsOf({ shape }: Value, extents: Extents): [number, number, number] {
  return shape.map((dim) => extentOf(dim, extents)) as [number, number, number];
}

function headsOf({ attributes: { num_heads: heads } }: GraphNode): number {
  return heads?.kind === "int" ? heads.value : 1;
}

function isSet(node: GraphNode, name: string): boolean {
  const attribute = node.attributes[name];
  return attribute?.kind === "int" && attribute.value !== 0;
}
