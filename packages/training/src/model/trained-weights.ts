import type { GraphBuilder, WeightLoader, WeightShapes } from "@segany/graph";
import { mergeLora, type TrainableModel } from "@segany/sam/training";
import { createRandom } from "../random/random.js";
import type { Parameters } from "../step/parameters.js";
import { initialLora, isLoraKey, loraShapes, withLora } from "./lora.js";
import { TRAINED_PARTS, type TrainedSettings } from "./trained-parts.js";

/** Which weights of a model are trained, or what is trained beside them. */
export interface TrainedWeights {
  /** Shapes of the model's weights, and of adapters. */
  readonly weights: WeightShapes;
  /** As they are before training. */
  readonly load: WeightLoader;
  readonly isTrained: (key: string) => boolean;
  /** Puts adapters into a graph. */
  readonly adapt?: (g: GraphBuilder) => GraphBuilder;
  /** The model's weights that differ, for trained ones. */
  merge(parameters: Parameters): Promise<ReadonlyMap<string, Float32Array>>;
}

/** What a run trains. */
export function trainedWeights(trainable: TrainableModel, settings: TrainedSettings): TrainedWeights {
  return settings.train === "lora" ? adapters(trainable, settings) : parts(trainable, settings.train);
}

function parts({ state, network }: TrainableModel, train: keyof typeof TRAINED_PARTS): TrainedWeights {
  const chosen: readonly string[] = TRAINED_PARTS[train];
  return {
    weights: state.tensors,
    load: (key) => state.load(key),
    isTrained: (key) => chosen.includes(network.partOf(key) ?? ""),
    merge: async (parameters) => new Map([...parameters].map(([key, { data }]) => [key, data])),
  };
}

function adapters(
  { state, network }: TrainableModel,
  { loraRank, loraTargets, seed }: TrainedSettings,
): TrainedWeights {
  const targets = [...state.tensors.keys()].filter((key) => {
    const kind = network.linearLayer(key);
    return kind === "attention" || (kind !== undefined && loraTargets === "linear");
  });
  const shapes = loraShapes(state.tensors, targets, loraRank);
  const initial = initialLora(createRandom(seed), shapes);
  const adapted = new Set(targets);
  return {
    weights: new Map([...state.tensors, ...shapes]),
    load: async (key) => initial.get(key) ?? state.load(key),
    isTrained: isLoraKey,
    adapt: (g) => withLora(g, adapted),
    async merge(parameters) {
      const infos = [...parameters].map(([key, { shape }]) => [key, { dtype: "float32", shape }] as const);
      const merged = mergeLora({
        ...state,
        tensors: new Map([...state.tensors, ...infos]),
        load: async (key) => parameters.get(key)?.data ?? state.load(key),
      });
      const changed = new Map<string, Float32Array>();
      for (const key of targets) changed.set(key, await merged.load(key));
      return changed;
    },
  };
}
