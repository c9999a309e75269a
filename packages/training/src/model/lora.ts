/** Low-rank adapters (LoRA, Hu et al., arXiv 2106.09685): W + B·A in place of a frozen weight W. */
import type { GraphBuilder, Value, WeightShapes } from "@segany/graph";
import { add, matmul } from "@segany/graph/ops";
import type { Random } from "../random/random.js";

/** The two factors of an adapter by their names: A of rank x in, B of out x rank. */
const [DOWN, UP] = [".lora_A", ".lora_B"];

/** Names of the factors for a weight `<module>.weight`. */
function factorsOf(key: string): readonly [down: string, up: string] {
  const module = key.slice(0, -".weight".length);
  return [`${module}${DOWN}`, `${module}${UP}`];
}

/** Whether a key is that of a factor. */
export function isLoraKey(key: string): boolean {
  return key.endsWith(DOWN) || key.endsWith(UP);
}

/** Shapes of the factors for weights out x in. */
export function loraShapes(weights: WeightShapes, targets: readonly string[], rank: number): WeightShapes {
  return new Map(
    targets.flatMap((key) => {
      const [outputs, inputs] = weights.get(key)!.shape as [number, number];
      const [down, up] = factorsOf(key);
      return [
        [down, { shape: [rank, inputs] }],
        [up, { shape: [outputs, rank] }],
      ] as const;
    }),
  );
}

/**
 * The first values of factors, by key: A uniform within 1/√in, B zero, so that nothing changes before the
 * first step.
 */
export function initialLora(random: Random, shapes: WeightShapes): ReadonlyMap<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [key, { shape }] of shapes) {
    const [rows, columns] = shape as [number, number];
    const draw = key.endsWith(UP) ? () => 0 : () => (2 * random.unit() - 1) / Math.sqrt(columns);
    values.set(key, Float32Array.from({ length: rows * columns }, draw));
  }
  return values;
}

/** A builder on which the targets are adapted: their factors are weights like others. */
export function withLora(g: GraphBuilder, targets: ReadonlySet<string>): GraphBuilder {
  const adapted = new Map<string, Value>();
  const weight = (key: string): Value => {
    if (!targets.has(key)) return g.weight(key);
    const [down, up] = factorsOf(key);
    const value = adapted.get(key) ?? add(g, g.weight(key), matmul(g, g.weight(up), g.weight(down)));
    adapted.set(key, value);
    return value;
  };
  return { ...g, weight };
}
