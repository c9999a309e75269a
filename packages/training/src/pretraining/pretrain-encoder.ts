import { throwIfAborted } from "@segany/masks";
import { resolveDevice } from "@segany/runtime/node";
import { readImage } from "@segany/sam";
import { openTrainableModel, type PatchEncoder, type TrainableModel } from "@segany/sam/training";
import { drawView, viewImage } from "../augmentation/view.js";
import type { TrainingSample } from "../data/training-sample.js";
import { TrainingError } from "../errors.js";
import { learningRateAt } from "../loop/learning-rate.js";
import { createRandom, type Random } from "../random/random.js";
import { deviceRequest, type ModelChoice } from "../run/lazy-sam.js";
import { checkLoss } from "../step/check-loss.js";
import { loadParameters, type Parameters } from "../step/parameters.js";
import { createTrainStep } from "../step/train-step.js";
import { saveCheckpoint } from "../weights/save-checkpoint.js";
import { initialWeights } from "./initial-weights.js";
import {
  autoencoderFeeds,
  autoencoderShapes,
  buildAutoencoder,
  type MaskedImage,
} from "./masked-autoencoder.js";
import { hidePatches } from "./patches.js";
import { checkedPretrainSettings, type PretrainSettings } from "./pretrain-settings.js";

/** A step of pre-training. */
export interface PretrainEvent {
  /** Steps done, this one included. */
  readonly step: number;
  readonly steps: number;
  /** Mean squared error of the hidden patches' normalised pixels, before the step. */
  readonly loss: number;
  readonly learningRate: number;
}

/** What is pre-trained on what. */
export interface PretrainOptions extends ModelChoice {
  /** Images; masks are not needed. */
  readonly images: readonly Pick<TrainingSample, "fileName" | "open">[];
  /** Where the whole model is saved: `.safetensors`, `.pth` or `.pt`. */
  readonly output: string;
  readonly settings?: Partial<PretrainSettings>;
  readonly onEvent?: (event: PretrainEvent) => void;
  /** Stops before the next step; nothing is saved. */
  readonly signal?: AbortSignal;
}

/** The adaptation of the second moment is faster than AdamW's default (paper, table 8). */
const BETAS = [0.9, 0.95] as const;

/**
 * Pre-trains a ViT image encoder on images without labels, as a masked autoencoder (MAE; He et al., arXiv
 * 2111.06377): most patches of an image are hidden, the encoder sees the rest, and a light decoder predicts
 * the pixels of the hidden ones, each patch normalised. The encoder's blocks attend to all visible patches;
 * windows and relative positions, which SAM adds afterwards (paper, section 3 and appendix A), are not
 * trained, nor are the positions. All other weights of the checkpoint are saved as they were.
 *
 * @throws TrainingError `option-invalid` for a setting, or an encoder that is no ViT with positions;
 *   `data-empty` without images; `training-diverged`; SamError as `loadSam`, and `aborted`
 */
export async function pretrainEncoder(options: PretrainOptions): Promise<void> {
  const { model: name, images, output, signal } = options;
  if (images.length === 0)
    throw new TrainingError("data-empty", "There is no image to pre-train on. Give some, without masks.");
  throwIfAborted(signal);
  const trainable = await openTrainableModel(name, options);
  try {
    const encoder = patchEncoderOf(trainable);
    const settings = checkedPretrainSettings(options.settings ?? {}, encoder.side ** 2);
    const trained = await trainSteps(options, trainable, encoder, settings);
    const changed = [...trained].filter(([key]) => trainable.state.tensors.has(key));
    await saveCheckpoint({
      path: output,
      base: trainable.state,
      changed: new Map(changed.map(([key, { data }]) => [key, data])),
    });
  } finally {
    await trainable.state.close();
  }
}

function patchEncoderOf({ network, model, state }: TrainableModel): PatchEncoder {
  const encoder = network.patches;
  if (encoder && state.tensors.has(encoder.positionsKey)) return encoder;
  throw new TrainingError(
    "option-invalid",
    `The image encoder of ${model.name} is no ViT with positions, so patches of its input can't be hidden. Use a ViT.`,
  );
}

async function trainSteps(
  options: PretrainOptions,
  trainable: TrainableModel,
  encoder: PatchEncoder,
  settings: PretrainSettings,
): Promise<Parameters> {
  const random = createRandom(settings.seed);
  const positions = await trainable.state.load(encoder.positionsKey);
  const step = await createTrainStep({
    weights: await firstWeights(trainable, encoder, settings, random),
    build: (g) => buildAutoencoder(g, encoder, settings),
    betas: BETAS,
    weightDecay: settings.weightDecay,
    session: resolveDevice(deviceRequest(options)),
  });
  try {
    for (let done = 0; done < settings.steps; done++) {
      throwIfAborted(options.signal);
      const learningRate = learningRateAt(done, settings);
      const images = await drawImages(options, trainable, encoder, settings, random);
      const { loss } = await step.run(autoencoderFeeds(images, encoder, positions), learningRate);
      checkLoss(loss, done + 1);
      options.onEvent?.({ step: done + 1, steps: settings.steps, loss, learningRate });
    }
    return new Map(step.parameters);
  } finally {
    await step.close();
  }
}

/** The encoder's weights as the checkpoint has them, and fresh ones of the decoder that predicts pixels. */
async function firstWeights(
  { state, network }: TrainableModel,
  encoder: PatchEncoder,
  settings: PretrainSettings,
  random: Random,
): Promise<Parameters> {
  const keys = [...state.tensors.keys()].filter(
    (key) => network.partOf(key) === "image-encoder" && key !== encoder.positionsKey,
  );
  const own = await loadParameters(keys, state.tensors, (key) => state.load(key));
  return new Map([...own, ...initialWeights(autoencoderShapes(encoder, settings), random)]);
}

/** Images of a step, each in a new view, some of its patches hidden. */
async function drawImages(
  { images }: PretrainOptions,
  { prepare }: TrainableModel,
  encoder: PatchEncoder,
  settings: PretrainSettings,
  random: Random,
): Promise<MaskedImage[]> {
  const drawn: MaskedImage[] = [];
  for (let i = 0; i < settings.batch; i++) {
    const { fileName, open } = images[random.below(images.length)]!;
    const image = await readImage(await open(), { name: `The image file ${fileName}` });
    const view = viewImage(image, drawView(random, image, settings));
    const pixels = prepare(view).image!.data as Float32Array;
    drawn.push({ pixels, mask: hidePatches(random, encoder.side ** 2, settings.maskedShare) });
  }
  return drawn;
}
