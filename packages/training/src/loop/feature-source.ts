import type { TrainableModel } from "@segany/sam/training";
import { drawView, type View, viewImage } from "../augmentation/view.js";
import { readTrainingImage, type TrainingSample } from "../data/training-sample.js";
import { type EncoderOptions, type FeatureMaps, openTrainedEncoder } from "../model/encoder-objective.js";
import type { Random } from "../random/random.js";
import type { Parameters } from "../step/parameters.js";
import { encodeView, type ViewEncoder, type ViewedImage } from "./image-views.js";
import type { TrainSettings } from "./settings.js";

/** Where the feature maps of views come from. */
export interface FeatureSource {
  /** Keys of the image encoder's weights that are trained. */
  readonly keys: readonly string[];
  /** A view of an image for a step. */
  chooseView(random: Random, image: ViewedImage): View;
  /** @param random of a step: without it nothing is left out at random */
  encode(parameters: Parameters, image: TrainingSample, view: View, random?: Random): Promise<EncodedView>;
  close(): Promise<void>;
}

/** A view that is encoded. */
export interface EncodedView {
  readonly features: FeatureMaps;
  /** From the gradients by the features to those by the encoder's trained weights. */
  backwards(byFeature: ReadonlyMap<string, Float32Array>): Promise<ReadonlyMap<string, Float32Array>>;
}

/** Of an encoder that stays as it is: each view is one of those that are encoded once and kept. */
export function cachedFeatures(encoder: ViewEncoder): FeatureSource {
  return {
    keys: [],
    chooseView: (random, { views }) => views[random.below(views.length)]!,
    async encode(_, image, view) {
      return { features: await encodeView(encoder, image, view), backwards: async () => new Map() };
    },
    close: async () => {},
  };
}

/** Of an encoder that is trained: each step has a new view. */
export async function trainedFeatures(
  trainable: TrainableModel,
  settings: TrainSettings,
  options: EncoderOptions,
): Promise<FeatureSource> {
  const encoder = await openTrainedEncoder(trainable, options);
  return {
    keys: encoder.keys,
    chooseView: (random, { image }) => drawView(random, image.size, settings),
    async encode(parameters, image, view, random) {
      const path = encoder.drawPath(random);
      const file = await readTrainingImage(image);
      const pixels = viewImage(file, view);
      return {
        features: await encoder.encode(parameters, pixels, path),
        backwards: (byFeature) => encoder.backwards(parameters, pixels, path, byFeature),
      };
    },
    close: () => encoder.close(),
  };
}
