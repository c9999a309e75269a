/** For tests: what the definitions of operators have in common. */
import type { Attribute, GraphNode } from "../types.js";
import type { Tensor } from "./float64-tensor.js";

/** An operator by its definition. */
export type Evaluate = (inputs: readonly Tensor[], node: GraphNode) => Tensor | Tensor[];

/** A node's attribute, if it is of that kind. */
export function attribute<K extends Attribute["kind"]>(node: GraphNode, name: string, kind: K) {
  const found = node.attributes[name];
  return found?.kind === kind ? (found.value as Extract<Attribute, { kind: K }>["value"]) : undefined;
}

/** A tensor of integers, as a list. */
export const ints = (tensor: Tensor | undefined) => Array.from(tensor?.data ?? []);

export const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
