import { createGraphBuilder, type Graph } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { add, div, mul, sqrt, sub } from "@segany/graph/ops";
import type { RunTensor } from "@segany/runtime";
import { createNodeSession, type NodeSessionOptions } from "@segany/runtime/node";
import { TrainingError } from "../errors.js";
import type { Parameter, Parameters } from "./parameters.js";

/** Settings of the optimizer; defaults are the paper's. */
export interface AdamWOptions {
  /** Decay of the two moments. */
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  /** Share of a weight that a step of learning rate 1 takes off; vectors (biases, norms) are spared. */
  readonly weightDecay?: number;
  /** Longest gradient, over all weights together; longer ones are scaled down. 0: none is. */
  readonly clipNorm?: number;
  /** Share of the weights' moving average that a step keeps; 0: the average is the weights themselves. */
  readonly averageDecay?: number;
  /** The factor of a weight's learning rate; 1 by default. */
  readonly rateOf?: (key: string) => number;
  readonly session?: NodeSessionOptions;
}

/** What the optimizer remembers of a weight. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Moving average of the weight. */
  readonly average: Float32Array;
}

/** All that the next steps depend on besides gradients. */
export interface AdamWState {
  readonly step: number;
  readonly parameters: Parameters;
  readonly moments: ReadonlyMap<string, Moments>;
}

/** An optimizer over its own copy of the weights. */
export interface AdamW {
  /** Weights as they are now. */
  readonly parameters: Parameters;
  /** Their moving averages. */
  averages(): Parameters;
  /**
   * @returns length of the gradient before it was clipped
   * @throws TrainingError `training-diverged` for gradients that are not finite; the weights stay as they are
   */
  step(gradients: ReadonlyMap<string, Float32Array>, learningRate: number): Promise<number>;
  state(): AdamWState;
  close(): Promise<void>;
}

/** A fresh optimizer's state. */
export function initialState(parameters: Parameters): AdamWState {
  const moments = new Map<string, Moments>();
  for (const [key, { data }] of parameters)
    moments.set(key, {
      first: new Float32Array(data.length),
      second: new Float32Array(data.length),
      average: data.slice(),
    });
  return { step: 0, parameters, moments };
}

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101; the decay as in PyTorch: before the step, times the
 * learning rate). The step of each weight is a graph, so it runs on the model's device and threads.
 *
 * @param from a fresh state, or the saved one of an earlier run
 */
export async function createAdamW(from: AdamWState, options: AdamWOptions = {}): Promise<AdamW> {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.1, clipNorm = 0 } = options;
  const { averageDecay = 0, rateOf = () => 1 } = options;
  const session = await createNodeSession(
    await writeModel(stepGraph(betas, epsilon), noWeights),
    options.session,
  );
  const parameters = new Map<string, Parameter>(from.parameters);
  const moments = new Map(from.moments);
  let step = from.step;
  return {
    parameters,
    averages: () =>
      new Map([...parameters].map(([key, { shape }]) => [key, { shape, data: moments.get(key)!.average }])),
    async step(gradients, learningRate) {
      const norm = lengthOf(gradients);
      if (!Number.isFinite(norm)) throw diverged(step + 1);
      step++;
      const numbers = {
        scale: scalar(clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1),
        first_correction: scalar(1 / (1 - betas[0] ** step)),
        second_correction: scalar(1 / (1 - betas[1] ** step)),
        average_decay: scalar(averageDecay),
      };
      for (const [key, gradient] of gradients) {
        const { shape, data } = parameters.get(key)!;
        const { first, second, average } = moments.get(key)!;
        const rate = learningRate * rateOf(key);
        const kept = scalar(shape.length > 1 ? 1 - rate * weightDecay : 1);
        const feeds = {
          ...numbers,
          rate: scalar(rate),
          kept,
          ...vectors({ weight: data, gradient, first, second, average }),
        };
        const next = await session.run(feeds);
        const values = (name: string) => next[name]!.data as Float32Array;
        parameters.set(key, { shape, data: values("next_weight") });
        moments.set(key, {
          first: values("next_first"),
          second: values("next_second"),
          average: values("next_average"),
        });
      }
      return norm;
    },
    state: () => ({ step, parameters: new Map(parameters), moments: new Map(moments) }),
    close: () => session.close(),
  };
}

function stepGraph([beta1, beta2]: readonly [number, number], epsilon: number): Graph {
  const g = createGraphBuilder("adamw", new Map());
  const vector = (name: string) => g.input(name, "float32", ["P"]);
  const number = (name: string) => g.input(name, "float32", []);
  const gradient = mul(g, vector("gradient"), number("scale"));
  const first = add(g, mul(g, vector("first"), g.scalar(beta1)), mul(g, gradient, g.scalar(1 - beta1)));
  const square = mul(g, mul(g, gradient, gradient), g.scalar(1 - beta2));
  const second = add(g, mul(g, vector("second"), g.scalar(beta2)), square);
  const deviation = add(g, sqrt(g, mul(g, second, number("second_correction"))), g.scalar(epsilon));
  const direction = div(g, mul(g, first, number("first_correction")), deviation);
  const weight = sub(g, mul(g, vector("weight"), number("kept")), mul(g, direction, number("rate")));
  const decay = number("average_decay");
  const fresh = mul(g, weight, sub(g, g.scalar(1), decay));
  g.output("next_weight", weight);
  g.output("next_first", first);
  g.output("next_second", second);
  g.output("next_average", add(g, mul(g, vector("average"), decay), fresh));
  return g.finish();
}

function diverged(step: number): TrainingError {
  return new TrainingError(
    "training-diverged",
    `The gradients of step ${step} are not finite. Start another run with a lower learning rate.`,
  );
}

function lengthOf(gradients: ReadonlyMap<string, Float32Array>): number {
  let squares = 0;
  for (const gradient of gradients.values()) for (const value of gradient) squares += value * value;
  return Math.sqrt(squares);
}

function scalar(value: number): RunTensor {
  return { dtype: "float32", shape: [], data: Float32Array.of(value) };
}

function vectors(values: Readonly<Record<string, Float32Array>>): Record<string, RunTensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, { dtype: "float32", shape: [data.length], data }]),
  );
}

const noWeights = () => Promise.reject(new Error("The optimizer's graph has no weights."));
