import type { ViewSettings } from "../augmentation/view.js";
import type { TrainedSettings } from "../model/trained-parts.js";
import type { AdamWOptions } from "../step/adamw.js";
import type { LearningRateSettings } from "./learning-rate.js";
import type { PromptingSettings } from "./train-image.js";

/** Whether the image encoder, or its end, is trained: then feature maps can't be kept. */
export function trainsEncoder({ train }: Pick<TrainSettings, "train">): boolean {
  return train === "neck" || train === "encoder" || train === "lora";
}

/** Settings of a run: plain data. */
export interface TrainSettings
  extends TrainedSettings,
    PromptingSettings,
    LearningRateSettings,
    Required<ViewSettings>,
    Required<Omit<AdamWOptions, "session" | "betas" | "epsilon" | "rateOf">> {
  /**
   * With `train: "encoder"`: the factor of the learning rate from each layer of the image encoder to the one
   * before it; 1: all have the same.
   */
  readonly layerDecay: number;
  /** With `train: "encoder"`: share of steps without the residual branches of the encoder's last block. */
  readonly dropPath: number;
  /** Images whose gradients are added up for a step. */
  readonly batch: number;
  /** Objects of an image that a step trains on, chosen at random. */
  readonly masksPerImage: number;
  /**
   * Views of an image that are encoded once and kept, the whole image included. Not used where the image
   * encoder is trained: each step has a new one then.
   */
  readonly views: number;
  /**
   * Where words are trained, the share of the steps' images whose objects are shown by CLIP's features first;
   * the others keep points and boxes in practice. The paper's is 1.
   */
  readonly textShare: number;
  /** Objects with fewer pixels are never shown so: CLIP would see little of them. The paper's is 100². */
  readonly textMinArea: number;
  /** Share of the images that are taken from a rehearsal set, where there is one. */
  readonly rehearsalShare: number;
  /** Steps between validations, and between saved states. */
  readonly validateEvery: number;
  /** Validations without a better one after which the run ends; 0: it never does. */
  readonly patience: number;
  /** Objects of an image that are validated on, at equal steps through its list. */
  readonly validationMasks: number;
}

/**
 * For a small set (dozens of images) and minutes on a processor. The paper's own settings are those of a run
 * on 11 million images.
 */
export const DEFAULT_SETTINGS: TrainSettings = {
  train: "decoder",
  loraRank: 8,
  loraTargets: "linear",
  seed: 0,
  steps: 240,
  batch: 1,
  masksPerImage: 8,
  rounds: 2,
  firstPrompts: ["point", "box"],
  learningRate: 2e-4,
  warmup: 10,
  schedule: "cosine",
  weightDecay: 0.01,
  clipNorm: 1,
  averageDecay: 0.98,
  layerDecay: 1,
  dropPath: 0,
  flip: true,
  minCrop: 0.6,
  scaleJitter: [1, 1],
  brightness: 0,
  contrast: 0,
  saturation: 0,
  views: 3,
  textShare: 0.5,
  textMinArea: 10_000,
  rehearsalShare: 0.25,
  validateEvery: 60,
  patience: 0,
  validationMasks: 8,
};
