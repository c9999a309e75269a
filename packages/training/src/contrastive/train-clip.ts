import { type RgbaImage, throwIfAborted } from "@segany/masks";
import { resolveDevice } from "@segany/runtime/node";
import { openClipTokenizer } from "@segany/sam/text";
import { type ClipSizes, clipFeeds } from "@segany/sam/training";
import { TrainingError } from "../errors.js";
import { type LearningRateSettings, learningRateAt } from "../loop/learning-rate.js";
import { createRandom, type Random } from "../random/random.js";
import { deviceRequest, type ModelChoice } from "../run/lazy-sam.js";
import { checkLoss } from "../step/check-loss.js";
import { createTrainStep } from "../step/train-step.js";
import { saveParameters } from "../weights/save-parameters.js";
import { buildContrastive } from "./contrastive-loss.js";
import { initialClip } from "./initial-clip.js";

/** An image and what it shows, in words. */
export interface CaptionedImage {
  readonly image: RgbaImage;
  readonly text: string;
}

/** A step of the training. */
export interface TrainClipEvent {
  /** Steps done, this one included. */
  readonly step: number;
  readonly steps: number;
  /** Cross entropy of the right caption among all of the batch, and of the right image, before the step. */
  readonly loss: number;
}

/** What is trained on what. */
export interface TrainClipOptions extends Pick<ModelChoice, "device" | "threads"> {
  readonly sizes: ClipSizes;
  /** Images of a step, of which no two have the same caption. */
  readonly drawBatch: (random: Random) => readonly CaptionedImage[];
  /** Where the model is saved: `.safetensors`, under OpenCLIP's names, for `openClip`. */
  readonly output: string;
  readonly settings?: Partial<TrainClipSettings>;
  readonly onEvent?: (event: TrainClipEvent) => void;
  /** Stops before the next step; nothing is saved. */
  readonly signal?: AbortSignal;
}

/** Settings of the training: plain data. */
export interface TrainClipSettings extends LearningRateSettings {
  readonly weightDecay: number;
  /** Of all random choices. */
  readonly seed: number;
}

const DEFAULTS: TrainClipSettings = {
  steps: 600,
  learningRate: 1.5e-3,
  warmup: 40,
  schedule: "cosine",
  weightDecay: 0.02,
  seed: 0,
};

/**
 * Trains CLIP's two towers from random weights on images and their captions, so that features of an image
 * are nearer to those of its own caption than to the others of the batch, and the other way round (Radford et
 * al., arXiv 2103.00020). For small models of one's own; a published CLIP was trained on 400 million pairs.
 *
 * @throws TrainingError `data-empty` for a batch of fewer than two, `training-diverged`; SamError
 *   `prompt-invalid` for a caption that can't be read, `file-unwritable`, `aborted`
 */
export async function trainClip(options: TrainClipOptions): Promise<void> {
  const { sizes, drawBatch, output, onEvent, signal } = options;
  const settings = { ...DEFAULTS, ...options.settings };
  const random = createRandom(settings.seed);
  const weights = initialClip(sizes, random);
  const tokenizer = await openClipTokenizer();
  const step = await createTrainStep({
    weights,
    weightDecay: settings.weightDecay,
    clipNorm: 1,
    build: (g) => buildContrastive(g, sizes),
    session: resolveDevice(deviceRequest(options)),
  });
  try {
    for (let done = 0; done < settings.steps; done++) {
      throwIfAborted(signal);
      const batch = drawBatch(random);
      if (batch.length < 2)
        throw new TrainingError("data-empty", "A batch needs two images at least, to be told apart.");
      const { loss } = await step.run(
        clipFeeds(batch, tokenizer, sizes.image.imageSize),
        learningRateAt(done, settings),
      );
      checkLoss(loss, done + 1);
      onEvent?.({ step: done + 1, steps: settings.steps, loss });
    }
    await saveParameters(output, step.parameters);
  } finally {
    await step.close();
  }
}
