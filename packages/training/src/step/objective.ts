import {
  createGraphBuilder,
  type GraphBuilder,
  type Value,
  type WeightLoader,
  type WeightShapes,
} from "@segany/graph";
import { gradients } from "@segany/graph/gradients";
import { writeModel } from "@segany/graph/onnx";
import type { RunTensor, Session } from "@segany/runtime";
import { createNodeSession, type NodeSessionOptions } from "@segany/runtime/node";
import { TrainingError } from "../errors.js";
import { withInputWeights } from "./input-weights.js";
import type { Parameters } from "./parameters.js";

/** What a graph computes for training. */
export interface Losses {
  /** One number: it is made smaller. */
  readonly loss: Value;
  /** Whatever else each run returns, by name. */
  readonly outputs?: Readonly<Record<string, Value>>;
}

/** A function of weights and inputs to be minimised. */
export interface ObjectiveOptions {
  /** Builds it: declares its inputs, and takes its weights with `g.weight`. */
  readonly build: (g: GraphBuilder) => Losses;
  /** Shapes of all weights. */
  readonly weights: WeightShapes;
  /** Loads the weights that are not trained. */
  readonly load: WeightLoader;
  /** Which weights are trained. */
  readonly isTrained: (key: string) => boolean;
  /** Changes what weights are in the graph, out of weights that are as `isTrained` says. */
  readonly adapt?: (g: GraphBuilder) => GraphBuilder;
  /** Whether a run computes gradients, which takes three times as long; default true. */
  readonly withGradients?: boolean;
  readonly session?: NodeSessionOptions;
}

/** What one run gives. */
export interface ObjectiveResult {
  readonly loss: number;
  readonly outputs: Readonly<Record<string, RunTensor>>;
  /** By key, in the weights' shapes. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** A graph that computes a loss and its gradients, open on a device. */
export interface Objective {
  /** Keys of the weights that the loss depends on, out of those that are trained. */
  readonly keys: readonly string[];
  /** @param feeds the graph's inputs; also those of its trained weights that are not among the parameters */
  run(parameters: Parameters, feeds: Readonly<Record<string, RunTensor>>): Promise<ObjectiveResult>;
  close(): Promise<void>;
}

const LOSS = "loss";
const GRADIENT = "gradient of ";

/**
 * Builds the graph of a loss and of its gradients by the trained weights, which are its inputs, and opens it.
 *
 * @throws SamError `graph-invalid` for an operator without a gradient
 * @throws TrainingError `option-invalid` if the loss depends on none of the weights
 */
export async function openObjective(options: ObjectiveOptions): Promise<Objective> {
  const { keys, session } = await openSession(options);
  return {
    keys,
    async run(parameters, feeds) {
      const fromParameters = keys.filter((key) => !Object.hasOwn(feeds, key));
      const all = { ...weightFeeds(parameters, fromParameters), ...feeds };
      const { [LOSS]: loss, ...rest } = await session.run(all);
      const outputs: Record<string, RunTensor> = {};
      const found = new Map<string, Float32Array>();
      for (const [name, tensor] of Object.entries(rest)) {
        if (name.startsWith(GRADIENT)) found.set(name.slice(GRADIENT.length), tensor.data as Float32Array);
        else outputs[name] = tensor;
      }
      return { loss: Number(loss!.data[0]), outputs, gradients: found };
    },
    close: () => session.close(),
  };
}

async function openSession(options: ObjectiveOptions) {
  const { build, weights, load, isTrained, session, withGradients = true } = options;
  const { adapt = (same) => same } = options;
  const builder = createGraphBuilder("objective", weights);
  const { g, trained } = withInputWeights(builder, isTrained);
  const { loss, outputs = {} } = build(adapt(g));
  const keys = withGradients ? addGradientOutputs(g, loss, trained) : [...trained.keys()];
  g.output(LOSS, loss);
  for (const [name, value] of Object.entries(outputs)) g.output(name, value);
  const opened: Session = await createNodeSession(await writeModel(builder.finish(), load), session);
  return { keys, session: opened };
}

/** @returns the keys of the weights that the loss depends on */
function addGradientOutputs(g: GraphBuilder, loss: Value, trained: ReadonlyMap<string, Value>): string[] {
  const byWeight = gradients(g, loss, [...trained.values()]);
  const keys = [...trained.keys()].filter((_, i) => byWeight[i]);
  if (keys.length === 0)
    throw new TrainingError(
      "option-invalid",
      "The loss depends on none of the weights that are to be trained.",
    );
  [...trained.keys()].forEach((key, i) => {
    const gradient = byWeight[i];
    if (gradient) g.output(`${GRADIENT}${key}`, gradient);
  });
  return keys;
}

function weightFeeds(parameters: Parameters, keys: readonly string[]): Record<string, RunTensor> {
  return Object.fromEntries(
    keys.map((key) => {
      const { shape, data } = parameters.get(key)!;
      return [key, { dtype: "float32", shape, data }];
    }),
  );
}
