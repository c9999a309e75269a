import type { ViewSettings } from "../augmentation/view.js";
import { TrainingError } from "../errors.js";
import type { LearningRateSettings } from "../loop/learning-rate.js";
import type { AutoencoderSettings } from "./masked-autoencoder.js";
import { visibleCount } from "./patches.js";

/** Settings of pre-training: plain data. */
export interface PretrainSettings
  extends AutoencoderSettings,
    LearningRateSettings,
    Pick<ViewSettings, "flip" | "minCrop"> {
  readonly weightDecay: number;
  /** Of all random choices. */
  readonly seed: number;
}

/**
 * For a small encoder and minutes on a processor. The masked share, the optimizer's decays and the schedule
 * are the paper's; it trains for 800 epochs of ImageNet with 4096 images a step.
 */
export const DEFAULT_PRETRAIN_SETTINGS: PretrainSettings = {
  steps: 1000,
  batch: 16,
  maskedShare: 0.75,
  decoderDepth: 2,
  decoderWidth: 64,
  decoderHeads: 4,
  learningRate: 1e-3,
  warmup: 50,
  schedule: "cosine",
  weightDecay: 0.05,
  flip: true,
  minCrop: 0.5,
  seed: 0,
};

/**
 * Fills in what is not set, and checks what is.
 *
 * @param patches of an image
 * @throws TrainingError `option-invalid`
 */
export function checkedPretrainSettings(some: Partial<PretrainSettings>, patches: number): PretrainSettings {
  const settings = { ...DEFAULT_PRETRAIN_SETTINGS, ...some };
  const { maskedShare, decoderWidth, decoderHeads, learningRate, minCrop } = settings;
  for (const name of ["steps", "batch", "decoderDepth", "decoderWidth", "decoderHeads"] as const)
    check(
      name,
      settings[name],
      Number.isSafeInteger(settings[name]) && settings[name] > 0,
      "an integer, 1 or more",
    );
  const visible = visibleCount(patches, maskedShare);
  check(
    "maskedShare",
    maskedShare,
    visible > 0 && visible < patches,
    "a share that leaves patches and hides some",
  );
  check("decoderWidth", decoderWidth, decoderWidth % decoderHeads === 0, "a multiple of decoderHeads");
  check("learningRate", learningRate, learningRate > 0, "a number above 0");
  check("minCrop", minCrop, minCrop > 0 && minCrop <= 1, "above 0, and at most 1");
  return settings;
}

function check(name: string, value: number, holds: boolean, what: string): void {
  if (!holds)
    throw new TrainingError("option-invalid", `The setting ${name} is ${value}. It must be ${what}.`);
}
