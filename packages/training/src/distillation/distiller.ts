/** Trains a student's image encoder step by step. */
import type { TrainableModel } from "@segany/sam/training";
import { type View, viewImage, wholeView } from "../augmentation/view.js";
import { readTrainingImage, type TrainingSample } from "../data/training-sample.js";
import { encodeView, type ViewEncoder, type ViewedImage, viewFrame } from "../loop/image-views.js";
import { learningRateAt } from "../loop/learning-rate.js";
import { addGradients } from "../loop/train-image.js";
import type { TrainedEncoder } from "../model/encoder-objective.js";
import { createRandom, type Random } from "../random/random.js";
import type { AdamW } from "../step/adamw.js";
import type { Parameters } from "../step/parameters.js";
import type { DistillSettings } from "./distill-settings.js";
import { embeddingLoss, type FeatureLoss } from "./feature-loss.js";
import type { PromptDecoder } from "./prompt-decoder.js";
import { type FeaturePair, maskAgreement, promptLoss, randomPoints } from "./prompt-loss.js";

/** What a step gave. */
export interface DistillStep {
  /** Steps done, this one included. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
}

/** How close a student is to its teacher on images that it does not learn from. */
export interface DistillValidation {
  /** Mean squared difference of the embeddings. */
  readonly distance: number;
  /** Mean IoU of both models' masks for one click at random points of the images. */
  readonly maskIou: number;
}

/** What a distillation works with. */
export interface Distillation {
  readonly student: TrainableModel;
  readonly encoder: TrainedEncoder;
  readonly optimizer: AdamW;
  readonly teacher: ViewEncoder;
  /** The teacher's decoder, with gradients where prompts are learned from, and without. */
  readonly decoder: PromptDecoder | undefined;
  readonly plainDecoder: PromptDecoder;
  readonly images: readonly ViewedImage[];
  readonly settings: DistillSettings;
  readonly random: Random;
}

/** Takes a step on views of some images. */
export async function distillStep(work: Distillation): Promise<DistillStep> {
  const { optimizer, settings, images, random, encoder } = work;
  const done = optimizer.state().step;
  const sums = new Map<string, Float32Array>();
  let loss = 0;
  for (let i = 0; i < settings.batch; i++) {
    const { image, views } = images[random.below(images.length)]!;
    const view = views[random.below(views.length)]!;
    const { pixels, path, pair } = await encodeBoth(work, optimizer.parameters, image, view);
    const found = await featureLoss(work, pair, view);
    const gradients = await encoder.backwards(optimizer.parameters, pixels, path, found.gradients);
    addGradients(sums, gradients, 1 / settings.batch);
    loss += found.loss / settings.batch;
  }
  const learningRate = learningRateAt(done, settings);
  const gradientNorm = await optimizer.step(sums, learningRate);
  return { step: done + 1, loss, learningRate, gradientNorm };
}

/** Scores the averaged weights on whole images, at the same points each time. */
export async function validateStudent(
  work: Distillation,
  images: readonly TrainingSample[],
): Promise<DistillValidation> {
  const { optimizer, plainDecoder, settings } = work;
  const random = createRandom(settings.seed);
  const sums = { distance: 0, maskIou: 0 };
  for (const image of images) {
    const view = wholeView(image.size);
    const { pair } = await encodeBoth(work, optimizer.averages(), image, view);
    const points = randomPoints(random, viewFrame(work.student.model, view), settings.validationMasks);
    sums.distance += embeddingLoss(pair.student, pair.teacher).loss;
    sums.maskIou += await maskAgreement(plainDecoder, pair, points);
  }
  return { distance: sums.distance / images.length, maskIou: sums.maskIou / images.length };
}

async function encodeBoth(
  { encoder, teacher }: Distillation,
  parameters: Parameters,
  image: TrainingSample,
  view: View,
) {
  const pixels = viewImage(await readTrainingImage(image), view);
  const path = encoder.drawPath(); // nothing is left out
  const student = await encoder.encode(parameters, pixels, path);
  const pair: FeaturePair = { student, teacher: await encodeView(teacher, image, view) };
  return { pixels, path, pair };
}

async function featureLoss(work: Distillation, pair: FeaturePair, view: View): Promise<FeatureLoss> {
  const { decoder, plainDecoder, settings, random } = work;
  if (!decoder) return embeddingLoss(pair.student, pair.teacher);
  const { rounds, firstPrompts, masksPerImage: objects } = settings;
  const comparison = { decoder, plainDecoder, objects, rounds, firstPrompts };
  return promptLoss(comparison, pair, viewFrame(work.student.model, view), random);
}
