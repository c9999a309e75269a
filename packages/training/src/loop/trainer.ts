import { atEqualSteps } from "@segany/evaluation";
import type { NodeSessionOptions } from "@segany/runtime/node";
import type { Clip } from "@segany/sam/text";
import type { TrainableModel } from "@segany/sam/training";
import { wholeView } from "../augmentation/view.js";
import type { TrainingSample } from "../data/training-sample.js";
import { TrainingError } from "../errors.js";
import { openDecoderObjective } from "../model/decoder-objective.js";
import { layerRate } from "../model/layer-rate.js";
import { partitionProjection, withProjection } from "../model/text-projection.js";
import { type TrainedWeights, trainedWeights } from "../model/trained-weights.js";
import { createRandom, type Random, restoreRandom, shuffled } from "../random/random.js";
import { type AdamW, type AdamWState, createAdamW, initialState } from "../step/adamw.js";
import { checkLoss } from "../step/check-loss.js";
import type { Objective } from "../step/objective.js";
import { loadParameters, type Parameters } from "../step/parameters.js";
import { type ClipVectors, clipVectors } from "./clip-vectors.js";
import { cachedFeatures, type EncodedView, type FeatureSource, trainedFeatures } from "./feature-source.js";
import { type ViewEncoder, type ViewedImage, type ViewTarget, viewTargets } from "./image-views.js";
import { learningRateAt } from "./learning-rate.js";
import { type TrainSettings, trainsEncoder } from "./settings.js";
import { addGradients, type ImageResult, trainOnImage } from "./train-image.js";
import { checkState, type TrainerState } from "./trainer-state.js";
import { type ValidationResult, validate } from "./validate.js";
import type { ValidationImage } from "./validate-words.js";

/** What one step gave. */
export interface StepResult {
  /** Steps done, this one included. */
  readonly step: number;
  readonly loss: number;
  /** IoU in the first and in the last round, of the mask that the model was most sure of. */
  readonly firstIou: number;
  readonly lastIou: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
}

/** Trains step by step. */
export interface Trainer {
  step(): Promise<StepResult>;
  /** Scores the averaged weights on other images. */
  validate(images: readonly ViewedImage[]): Promise<ValidationResult>;
  state(): TrainerState;
  /** What is trained of the model, averaged. */
  averages(): Parameters;
  /** What makes prompts of CLIP's features, averaged; empty where words are not trained. */
  projection(): Parameters;
  /** The model's weights that differ from those before training, averaged: what a run is for. */
  changed(): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

/** What a trainer works with. */
export interface TrainerOptions {
  readonly trainable: TrainableModel;
  readonly encoder: ViewEncoder;
  readonly images: readonly ViewedImage[];
  /** Images of other kinds, so that the model does not forget what it knows of them. */
  readonly rehearsal?: readonly ViewedImage[];
  readonly settings: TrainSettings;
  /** Trains prompts in words, too, by this CLIP's features. */
  readonly clip?: Clip | undefined;
  readonly session: NodeSessionOptions;
  /** A saved state; fresh if missing. */
  readonly from?: TrainerState;
}

/**
 * Opens the graphs, with fresh weights or those of a saved state.
 *
 * @throws TrainingError `run-mismatch` for a saved state of other weights or sets
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { trainable, settings, session, from, images, rehearsal = [] } = options;
  const graphs = await openGraphs(options);
  if (from) checkState(from, graphs.keys, graphs.weights.weights, [images.length, rehearsal.length]);
  const optimizer = await createAdamW(from?.optimizer ?? (await freshState(graphs)), {
    ...settings,
    session,
    rateOf: (key) => layerRate(trainable.network, key, settings.layerDecay),
  });
  const random = from ? restoreRandom(from.random) : createRandom(settings.seed);
  const queues = from ? from.queues.map((queue) => [...queue]) : [[], []];
  const steps = { ...options, ...graphs, optimizer, random, queues };
  return {
    step: () => trainStep(steps),
    validate: (images) =>
      validate(
        graphs.validation,
        optimizer.averages(),
        encodedForValidation(steps, images),
        graphs.text && { objective: graphs.text.validation, vectors: graphs.text.vectors },
      ),
    state: () => ({
      optimizer: optimizer.state(),
      random: random.state(),
      queues: queues.map((queue) => [...queue]),
    }),
    averages: () => partitionProjection(optimizer.averages()).others,
    projection: () => partitionProjection(optimizer.averages()).projection,
    changed: () => graphs.weights.merge(optimizer.averages()),
    async close() {
      const { training, validation, features, text } = graphs;
      const open = [
        training,
        validation,
        features,
        optimizer,
        ...(text ? [text.training, text.validation] : []),
      ];
      await Promise.all(open.map((each) => each.close()));
    },
  };
}

/** The graphs of a run. */
interface Graphs {
  readonly weights: TrainedWeights;
  /** Prompt encoder and mask decoder. */
  readonly training: Objective;
  readonly validation: Objective;
  readonly features: FeatureSource;
  readonly text: TextGraphs | undefined;
  /** Of all weights that are trained. */
  readonly keys: readonly string[];
}

/** Where words are trained: the same objectives with CLIP's features as the first prompt. */
interface TextGraphs {
  readonly vectors: ClipVectors;
  readonly training: Objective;
  readonly validation: Objective;
}

async function openGraphs({ trainable, encoder, settings, clip, session }: TrainerOptions): Promise<Graphs> {
  const vectors = clip && clipVectors(clip, settings.textMinArea);
  const weights = weightsOf(trainable, settings, vectors);
  const common = { ...weights, session };
  const featureGradients = trainsEncoder(settings);
  const features = featureGradients
    ? await trainedFeatures(trainable, settings, { ...common, dropPath: settings.dropPath })
    : cachedFeatures(encoder);
  const open = async (clipWidth?: number) => {
    const width = clipWidth === undefined ? {} : { clipWidth };
    const training = await openDecoderObjective(trainable, { ...common, featureGradients, ...width });
    const keys = training.keys.filter((key) => !Object.hasOwn(trainable.model.features, key));
    const isTrained = (key: string) => keys.includes(key);
    const validating = { ...common, isTrained, withGradients: false, ...width };
    return { training, validation: await openDecoderObjective(trainable, validating), keys };
  };
  const { training, validation, keys } = await open();
  const text = vectors && { vectors, ...(await open(vectors.width)) };
  const all = new Set([...keys, ...(text?.keys ?? []), ...features.keys]);
  return { weights, training, validation, features, text, keys: [...all] };
}

function weightsOf(
  trainable: TrainableModel,
  settings: TrainSettings,
  vectors: ClipVectors | undefined,
): TrainedWeights {
  const weights = trainedWeights(trainable, settings);
  const { tokenWidth } = trainable.model;
  return vectors ? withProjection(weights, { ...settings, clipWidth: vectors.width, tokenWidth }) : weights;
}

async function freshState({ weights: { weights, load }, keys }: Graphs): Promise<AdamWState> {
  return initialState(await loadParameters(keys, weights, load));
}

interface Steps extends TrainerOptions, Graphs {
  readonly optimizer: AdamW;
  readonly random: Random;
  readonly queues: readonly number[][];
}

async function trainStep(steps: Steps): Promise<StepResult> {
  const { training, text, optimizer, settings, random } = steps;
  const done = optimizer.state().step;
  const sums = new Map<string, Float32Array>();
  const means = { loss: 0, firstIou: 0, lastIou: 0 };
  for (let i = 0; i < settings.batch; i++) {
    const { name, targets, view, vectors } = await nextImage(steps);
    const image = { features: view.features, targets, ...(vectors && { vectors }) };
    const objective = vectors ? text!.training : training;
    const result = await trainOnImage(objective, optimizer.parameters, image, settings, random);
    checkLoss(result.loss, done + 1, ` on ${name}`);
    addGradients(sums, ofDecoder(result, view), 1 / settings.batch);
    addGradients(sums, await view.backwards(result.gradients), 1 / settings.batch);
    means.loss += result.loss / settings.batch;
    means.firstIou += result.firstIou / settings.batch;
    means.lastIou += result.lastIou / settings.batch;
  }
  const learningRate = learningRateAt(done, settings);
  const gradientNorm = await optimizer.step(sums, learningRate);
  return { step: done + 1, ...means, learningRate, gradientNorm };
}

/** The gradients by weights: without those by feature maps. */
function ofDecoder({ gradients }: ImageResult, { features }: EncodedView): Map<string, Float32Array> {
  return new Map([...gradients].filter(([key]) => !Object.hasOwn(features, key)));
}

/** What a step trains on. */
interface StepImage {
  readonly name: string;
  readonly targets: readonly ViewTarget[];
  readonly view: EncodedView;
  /** Of the targets, where they are shown by CLIP's features. */
  readonly vectors?: readonly Float32Array[];
}

/** The next image of a set's epoch, in one of its views; a view without an object is passed over. */
async function nextImage(steps: Steps): Promise<StepImage> {
  const { images, random, features, trainable, optimizer } = steps;
  for (let tries = 0; tries < 100 * images.length; tries++) {
    const next = chooseImage(steps);
    const view = features.chooseView(random, next);
    const targets = shuffled(random, viewTargets(trainable.model, next.image, view));
    if (targets.length === 0) continue;
    return {
      name: next.image.fileName,
      ...(await shownTargets(steps, next.image, targets)),
      view: await features.encode(optimizer.parameters, next.image, view, random),
    };
  }
  throw new TrainingError(
    "target-empty",
    "No object of the training set is large enough for the model's masks. Use images at a larger scale.",
  );
}

/** Some of the targets, and by chance vectors that show them, where words are trained. */
async function shownTargets(
  { text, random, settings }: Steps,
  image: TrainingSample,
  targets: readonly ViewTarget[],
): Promise<Pick<StepImage, "targets" | "vectors">> {
  const { masksPerImage, textShare } = settings;
  const embeddable = text && random.unit() < textShare ? text.vectors.embeddable(targets) : [];
  if (!text || embeddable.length === 0) return { targets: targets.slice(0, masksPerImage) };
  const chosen = embeddable.slice(0, masksPerImage);
  return { targets: chosen, vectors: await text.vectors.ofObjects(random, image, chosen) };
}

/** The share of the steps that is to rehearse takes an image of that set. */
function chooseImage({ images, rehearsal = [], queues, random, settings }: Steps): ViewedImage {
  const isRehearsal = rehearsal.length > 0 && random.unit() < settings.rehearsalShare;
  const [set, queue] = isRehearsal ? [rehearsal, queues[1]!] : [images, queues[0]!];
  if (queue.length === 0) for (const index of shuffled(random, [...set.keys()])) queue.push(index);
  return set[queue.pop()!]!;
}

/** Whole images, encoded by the averaged weights. */
async function* encodedForValidation(
  { features, optimizer, settings, trainable }: Steps,
  images: readonly ViewedImage[],
): AsyncGenerator<ValidationImage> {
  for (const { image } of images) {
    const view = wholeView(image.size);
    const targets = atEqualSteps(viewTargets(trainable.model, image, view), settings.validationMasks);
    if (targets.length === 0) continue;
    const encoded = await features.encode(optimizer.averages(), image, view);
    yield { features: encoded.features, targets };
  }
}
