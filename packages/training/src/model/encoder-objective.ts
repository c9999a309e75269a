import type { GraphBuilder, Value } from "@segany/graph";
import { add, mul, reduceSum } from "@segany/graph/ops";
import type { RgbaImage } from "@segany/masks";
import type { RunTensor } from "@segany/runtime";
import type { NamedValues, TrainableModel } from "@segany/sam/training";
import type { Random } from "../random/random.js";
import { type Objective, type ObjectiveOptions, openObjective } from "../step/objective.js";
import type { Parameters } from "../step/parameters.js";
import { drawPath, dropRate, type Path, scaledBranches } from "./drop-path.js";

/** Feature maps, or gradients by them, by name. */
export type FeatureMaps = Readonly<Record<string, RunTensor>>;

/** An image encoder whose weights change: forwards, and backwards from the gradients by its feature maps. */
export interface TrainedEncoder {
  /** Keys of the weights that are trained. */
  readonly keys: readonly string[];
  /** Draws which residual branches a step leaves out; none without random numbers. */
  drawPath(random?: Random): Path;
  encode(parameters: Parameters, image: RgbaImage, path: Path): Promise<FeatureMaps>;
  /**
   * The gradients by the weights, for those by the feature maps of an image. The image is encoded again, on
   * the same path, so that nothing is kept in between.
   */
  backwards(
    parameters: Parameters,
    image: RgbaImage,
    path: Path,
    byFeature: ReadonlyMap<string, Float32Array>,
  ): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

/** How the encoder is opened. */
export interface EncoderOptions
  extends Pick<ObjectiveOptions, "weights" | "load" | "isTrained" | "adapt" | "session"> {
  /** How often the residual branches of the last block are left out; 0, the default: never. */
  readonly dropPath?: number;
}

const GIVEN = "gradient by ";

/** Opens the encoder, with the weights that `isTrained` selects as inputs. */
export async function openTrainedEncoder(
  trainable: TrainableModel,
  options: EncoderOptions,
): Promise<TrainedEncoder> {
  const { model, network, prepare } = trainable;
  const { objective: backward, blocks } = await openEncoder(trainable, options, true);
  const keys = new Set(backward.keys);
  const isTrained = (key: string) => keys.has(key);
  const { objective: forward } = await openEncoder(trainable, { ...options, isTrained }, false);
  const rates = blocks.map((block) => dropRate(block, network.encoderDepth, options.dropPath ?? 0));
  return {
    keys: backward.keys,
    drawPath: (random) => drawPath(rates, random),
    async encode(parameters, image, path) {
      return (await forward.run(parameters, { ...prepare(image), ...path })).outputs;
    },
    async backwards(parameters, image, path, byFeature) {
      const given = Object.entries(model.features).map(([name, shape]) => {
        const data = byFeature.get(name)!;
        return [`${GIVEN}${name}`, { dtype: "float32", shape, data }] as const;
      });
      const { gradients } = await backward.run(parameters, {
        ...prepare(image),
        ...path,
        ...Object.fromEntries(given),
      });
      return gradients;
    },
    async close() {
      await Promise.all([forward.close(), backward.close()]);
    },
  };
}

/** The encoder as an objective, and the block of each residual branch that can be left out. */
interface OpenEncoder {
  readonly objective: Objective;
  readonly blocks: readonly number[];
}

/**
 * Backwards: as a loss, the sum of all features, each times the gradient by it, has the very gradients that
 * the loss behind them has.
 */
async function openEncoder(
  { model, network, prepare }: TrainableModel,
  { dropPath = 0, ...options }: EncoderOptions,
  withGradients: boolean,
): Promise<OpenEncoder> {
  const blocks: number[] = [];
  const inputs = Object.entries(prepare({ width: 1, height: 1, data: new Uint8ClampedArray(4) }));
  const objective = await openObjective({
    ...options,
    withGradients,
    build(g) {
      const declared = inputs.map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)] as const);
      const branch = dropPath > 0 ? scaledBranches(g, blocks) : undefined;
      const features = network.encode(g, Object.fromEntries(declared), branch);
      if (!withGradients) return { loss: total(g, Object.values(features)), outputs: features };
      const weighed = Object.entries(model.features).map(([name, shape]) =>
        mul(g, (features as NamedValues)[name]!, g.input(`${GIVEN}${name}`, "float32", shape)),
      );
      return { loss: total(g, weighed) };
    },
  });
  return { objective, blocks };
}

function total(g: GraphBuilder, values: readonly Value[]): Value {
  const sums = values.map((value) =>
    reduceSum(
      g,
      value,
      value.shape.map((_, axis) => axis),
      false,
    ),
  );
  return sums.reduce((sum, one) => add(g, sum, one));
}
