import type { GraphBuilder } from "@segany/graph";
import type { RunTensor } from "@segany/runtime";
import type { NodeSessionOptions } from "@segany/runtime/node";
import { type AdamWOptions, createAdamW, initialState } from "./adamw.js";
import { type Losses, openObjective } from "./objective.js";
import type { Parameters } from "./parameters.js";

/** What a step makes smaller, and how. */
export interface TrainStepOptions extends Omit<AdamWOptions, "session"> {
  /** Builds the loss: declares its inputs with `g.input`, and takes weights with `g.weight`. */
  readonly build: (g: GraphBuilder) => Losses;
  /** All weights by key, as they are at first. */
  readonly weights: Parameters;
  readonly session?: NodeSessionOptions;
}

/** What a step gave. */
export interface TrainStepResult {
  /** Before the step. */
  readonly loss: number;
  /** Those of `build`, before the step. */
  readonly outputs: Readonly<Record<string, RunTensor>>;
  /** Length of the gradient, over all weights together. */
  readonly gradientNorm: number;
}

/** Trains the weights of a graph, step by step. */
export interface TrainStep {
  run(feeds: Readonly<Record<string, RunTensor>>, learningRate: number): Promise<TrainStepResult>;
  /** The weights as they are now. */
  readonly parameters: Parameters;
  /** Their moving averages, with `averageDecay`. */
  averages(): Parameters;
  close(): Promise<void>;
}

/**
 * A step of training for a loop of one's own: the loss and its gradients in one graph, then AdamW.
 *
 * @throws SamError `graph-invalid` for an operator without a gradient
 * @throws TrainingError `option-invalid` if the loss depends on none of the weights
 *
 * @example
 * import { matmul, mul, reduceMean, sub } from "@segany/graph/ops";
 * const step = await createTrainStep({
 *   weights: new Map([["w", { shape: [2, 1], data: Float32Array.of(0, 0) }]]),
 *   weightDecay: 0,
 *   build(g) {
 *     const x = g.input("x", "float32", ["N", 2]);
 *     const error = sub(g, matmul(g, x, g.weight("w")), g.input("y", "float32", ["N", 1]));
 *     return { loss: reduceMean(g, mul(g, error, error), [0, 1], false) };
 *   },
 * });
 * const x = { dtype: "float32", shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, 1) } as const;
 * const y = { dtype: "float32", shape: [3, 1], data: Float32Array.of(2, -1, 1) } as const; // 2·x0 - x1
 * for (let i = 0; i < 300; i++) await step.run({ x, y }, 0.05);
 * console.log(step.parameters.get("w")!.data.map(Math.round)); // Float32Array(2) [ 2, -1 ]
 * await step.close();
 */
export async function createTrainStep(options: TrainStepOptions): Promise<TrainStep> {
  const { build, weights, session } = options;
  const objective = await openObjective({
    build,
    weights,
    load: async (key) => weights.get(key)!.data,
    isTrained: () => true,
    ...(session && { session }),
  });
  const start = new Map(objective.keys.map((key) => [key, weights.get(key)!]));
  const optimizer = await createAdamW(initialState(start), options);
  return {
    async run(feeds, learningRate) {
      const { loss, outputs, gradients } = await objective.run(optimizer.parameters, feeds);
      return { loss, outputs, gradientNorm: await optimizer.step(gradients, learningRate) };
    },
    parameters: optimizer.parameters,
    averages: () => optimizer.averages(),
    async close() {
      await Promise.all([objective.close(), optimizer.close()]);
    },
  };
}
