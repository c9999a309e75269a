import { SamError } from "@segany/masks";
import type { GraphBuilder } from "../builder.js";
import { add } from "../ops/elementwise.js";
import { show } from "../shape.js";
import type { GraphNode, Value } from "../types.js";
import { noGradient } from "./rule.js";
import { CONSTANT_OPERATORS, GRADIENT_RULES } from "./rules.js";

/**
 * Adds the nodes that compute the gradient of `loss` by each of `parameters`, in reverse mode: from the loss
 * backwards, each node once (Griewank and Walther, Evaluating Derivatives, chapter 3). They are standard
 * operators, so the result runs wherever the graph does.
 *
 * @param loss one number, shape [] or all extents 1
 * @param parameters any values of the graph: inputs, weights, or results of nodes
 * @returns a gradient in the shape of each parameter; undefined where the loss does not depend on it
 * @throws SamError `graph-invalid` for a loss of another shape, for an operator without a rule (the message
 *   names the node and the path from the loss to it), and for a form of an operator that its rule is not for
 *
 * @example
 * import { createGraphBuilder } from "@segany/graph";
 * import { mul, reduceSum } from "@segany/graph/ops";
 * const g = createGraphBuilder("square", new Map());
 * const x = g.input("x", "float32", [3]);
 * const [gradient] = gradients(g, reduceSum(g, mul(g, x, x), [0], false), [x]); // 2·x
 * console.log(gradient?.shape); // [ 3 ]
 */
export function gradients(g: GraphBuilder, loss: Value, parameters: readonly Value[]): (Value | undefined)[] {
  if (loss.shape.some((dim) => dim !== 1))
    throw new SamError("graph-invalid", `A loss is one number, not of shape ${show(loss.shape)}.`);
  const forward = [...g.nodes];
  const changing = dependents(g, forward, parameters);
  const found = new Map<string, Value>();
  found.set(loss.name, g.constant(Float32Array.of(1), loss.shape.map(Number)));
  const producers = producersOf(forward);
  for (const node of forward.reverse()) {
    if (!node.outputs.some((name) => found.has(name) && changing.has(name))) continue;
    for (const [name, gradient] of passBackwards(g, node, changing, found, () =>
      path(producers, loss, node),
    )) {
      const other = found.get(name);
      found.set(name, other ? add(g, other, gradient) : gradient);
    }
  }
  return parameters.map(({ name }) => found.get(name));
}

/** Names of all values that change smoothly with one of the parameters. */
function dependents(g: GraphBuilder, nodes: readonly GraphNode[], parameters: readonly Value[]): Set<string> {
  const changing = new Set(parameters.map(({ name }) => name));
  for (const { opType, inputs, outputs } of nodes) {
    if (CONSTANT_OPERATORS.has(opType) || !inputs.some((name) => changing.has(name))) continue;
    for (const name of outputs) if (g.values.get(name)!.dtype.startsWith("float")) changing.add(name);
  }
  return changing;
}

/** The gradients that a node's outputs give to its inputs, by name. */
function* passBackwards(
  g: GraphBuilder,
  node: GraphNode,
  changing: ReadonlySet<string>,
  found: ReadonlyMap<string, Value>,
  pathToNode: () => string,
): Generator<[string, Value]> {
  const rule = node.domain === "" ? GRADIENT_RULES[node.opType] : undefined;
  if (!rule)
    throw new SamError(
      "graph-invalid",
      `The operator ${node.opType} has no gradient (node ${node.name}; from the loss: ${pathToNode()}). ` +
        "Build the graph in plain form.",
    );
  if (node.opType !== "Split" && node.outputs.slice(1).some((name) => found.has(name)))
    throw noGradient(node, "the loss depends on another output than its first");
  const results = rule(g, {
    node,
    inputs: node.inputs.map((name) => g.values.get(name)),
    outputs: node.outputs.map((name) => g.values.get(name)!),
    gradients: node.outputs.map((name) => found.get(name)),
    needs: node.inputs.map((name) => changing.has(name)),
  });
  for (const [i, name] of node.inputs.entries()) {
    if (!changing.has(name)) continue;
    const gradient = results[i];
    if (!gradient) throw noGradient(node, `its input ${name} is taken as a constant`);
    yield [name, gradient];
  }
}

function producersOf(nodes: readonly GraphNode[]): Map<string, GraphNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
}

/** The shortest way from the loss back to a node, as names of nodes. */
function path(producers: ReadonlyMap<string, GraphNode>, loss: Value, to: GraphNode): string {
  const start = producers.get(loss.name);
  const cameFrom = new Map<GraphNode, GraphNode | undefined>(start ? [[start, undefined]] : []);
  for (const node of cameFrom.keys()) {
    if (node === to) break;
    for (const name of node.inputs) {
      const before = producers.get(name);
      if (before && !cameFrom.has(before)) cameFrom.set(before, node);
    }
  }
  const names: string[] = [];
  for (let node: GraphNode | undefined = to; node; node = cameFrom.get(node)) names.push(node.name);
  return names.reverse().join(" ← ");
}
