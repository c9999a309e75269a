import { SamError } from "@segany/masks";
import type { GraphBuilder } from "../builder.js";
import type { Attribute, GraphNode, Value } from "../types.js";

/** A node through which a gradient passes backwards. */
export interface NodeContext {
  readonly node: GraphNode;
  /** Undefined for an optional input that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** Gradient of the loss by each output; undefined where the loss does not depend on it. */
  readonly gradients: readonly (Value | undefined)[];
  /** Which inputs need a gradient. */
  readonly needs: readonly boolean[];
}

/**
 * Adds the nodes that compute the gradient by each input that needs one, in the inputs' shapes; whatever else
 * it gives is ignored.
 */
export type GradientRule = (g: GraphBuilder, context: NodeContext) => (Value | undefined)[];

/** A rule of an operator that has one output and all its inputs: what is needed is computed, nothing else. */
export function ruleOf(
  ...parts: ((g: GraphBuilder, gradient: Value, inputs: Value[], output: Value, node: GraphNode) => Value)[]
): GradientRule {
  return (g, { node, inputs, outputs, gradients, needs }) =>
    parts.map((part, i) =>
      needs[i] ? part(g, gradients[0]!, inputs as Value[], outputs[0]!, node) : undefined,
    );
}

/** An integer attribute, or ONNX's default where the node has none. */
export function intAttribute({ attributes }: GraphNode, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute?.kind === "int" ? attribute.value : otherwise;
}

/** A number that a node has as an attribute. */
export function floatAttribute({ attributes }: GraphNode, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute?.kind === "float" ? attribute.value : otherwise;
}

/** A list of integers that a node has as an attribute. */
export function intsAttribute({ attributes }: GraphNode, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute?.kind === "ints" ? attribute.value : undefined;
}

/**
 * Refuses a form of an operator that a rule is not for. Attributes that a node doesn't have are ONNX's
 * defaults, which the rule must be for.
 *
 * @param allowed the values of each attribute that the rule is for
 * @throws SamError `graph-invalid` that names the node and the attribute
 */
export function requireAttributes(
  node: GraphNode,
  allowed: Readonly<Record<string, readonly Attribute["value"][]>>,
): void {
  for (const [name, values] of Object.entries(allowed)) {
    const value = node.attributes[name]?.value;
    const isAllowed = value === undefined || values.some((one) => String(one) === String(value));
    if (!isAllowed)
      throw noGradient(node, `${name} is ${value}; the rule is for ${values.join(" or ") || "none"}`);
  }
}

/** The error for a form of an operator that has no rule. */
export function noGradient({ opType, name }: GraphNode, why: string): SamError {
  return new SamError("graph-invalid", `${opType} ${name} has no gradient: ${why}.`);
}
