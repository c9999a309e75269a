import type { GraphBuilder, Value } from "@segany/graph";

/**
 * A builder on which the weights that `isTrained` selects are inputs of the graph, under their keys, so that
 * they can change from run to run. All others stay as they are.
 */
export function withInputWeights(
  g: GraphBuilder,
  isTrained: (key: string) => boolean,
): { readonly g: GraphBuilder; readonly trained: ReadonlyMap<string, Value> } {
  const trained = new Map<string, Value>();
  const weight = (key: string): Value => {
    const found = trained.get(key);
    if (found) return found;
    if (!isTrained(key)) return g.weight(key);
    const value = g.input(key, "float32", g.weightShape(key));
    trained.set(key, value);
    return value;
  };
  return { g: { ...g, weight }, trained };
}
