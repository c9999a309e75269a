import {
  type Mask,
  type OutputMode,
  type RgbaImage,
  runsToRle,
  SamError,
  type SegmentationByMode,
} from "@segany/masks";
import type { ImageEmbedding } from "./embeddings/image-embedding.js";
import type { Engine, ModelInfo } from "./engine/types.js";
import { checkImage } from "./images/check-image.js";
import type { DecodedMasks } from "./model/decoded-masks.js";
import { type MaskTokens, type PackedPrompts, type PromptInput, packPrompts } from "./model/prompt-batch.js";
import { checkOutputMode } from "./output-mode.js";
import { createMaskUpscaler, type MaskUpscaler } from "./postprocessing/mask-upscaling.js";
import { modelInputSize, prepareImage } from "./preprocessing/prepare-image.js";
import { checkPrompt, type ImagePrompt, toModelFrame } from "./prompt.js";

/** More than any mask has. */
const MAX_PIXELS = 2 ** 30;

/** Threshold of logits: a mask is where they are above zero. */
const MASK_THRESHOLD = 0;

/** A mask before thresholding: logits in the original image, row-major. */
export interface LogitMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export interface PredictOptions extends ImagePrompt {
  /** Three masks (whole, part, subpart) for an ambiguous prompt; otherwise one. */
  readonly multimaskOutput?: boolean;
  /** Form of the masks; `binary_mask` by default. RLE is computed without a dense mask. */
  readonly outputMode?: OutputMode;
  /** Returns logits instead of masks; excludes `outputMode`. */
  readonly returnLogits?: boolean;
  readonly signal?: AbortSignal;
}

/** The decoder's result for one prompt. */
export interface Prediction<M = Mask> {
  /** In the decoder's order, at the original image's size. */
  readonly masks: M[];
  /** The model's own estimate of each mask's IoU. */
  readonly iouPredictions: number[];
  /**
   * One map of logits per mask, square with the model's `maskSide`: pass one back as `maskInput` to refine.
   */
  readonly lowResLogits: Float32Array[];
}

/** The parts of a model that the predictor needs. */
export interface PredictorModel {
  readonly engine: Engine;
}

/** The image that prompts refer to. */
interface CurrentImage {
  readonly embedding: ImageEmbedding;
  /** Created by the first prediction. */
  upscaler?: MaskUpscaler;
}

/**
 * Predicts masks for prompts on one image (Meta's `SamPredictor`): the image is encoded once, then each
 * prompt takes milliseconds.
 *
 * Calls may overlap. A prediction belongs to the image that was set when it was called, even if another image
 * is set in the meantime. Of several calls of `setImage`, `setImageEmbedding` and `resetImage` the last call
 * wins, whatever the order in which they finish.
 *
 * @example
 * const predictor = new SamPredictor(sam);
 * await predictor.setImage(image);
 * const { masks, iouPredictions } = await predictor.predict({ pointCoords: [[610, 430]], pointLabels: [1] });
 * console.log(masks.length, iouPredictions.length); // 3 3
 */
export class SamPredictor {
  readonly #engine: Engine;
  #image: CurrentImage | undefined;
  /** Counts changes of the image, so that an encoding can detect that it was superseded. */
  #changes = 0;

  constructor(sam: PredictorModel) {
    this.#engine = sam.engine;
  }

  /** Whether an image is set. */
  get isImageSet(): boolean {
    return this.#image !== undefined;
  }

  /**
   * Runs the image encoder. The previous image is dropped immediately. If another image is set or the image
   * is reset in the meantime, the promise resolves and this image is dropped.
   *
   * @throws SamError `image-empty`, `image-unreadable`, `aborted`
   */
  async setImage(image: RgbaImage, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.resetImage();
    const change = this.#changes;
    checkImage(image);
    const prepared = prepareImage(image, this.#engine.model);
    const embedding = await this.#engine.encode(prepared, { signal });
    if (change === this.#changes) this.#image = { embedding };
  }

  /**
   * Sets an embedding that was computed before, instead of an image.
   *
   * @throws SamError `embedding-mismatch` if it comes from another model, `embedding-invalid` if it is
   *   incomplete
   */
  setImageEmbedding(embedding: ImageEmbedding): void {
    this.resetImage();
    checkEmbedding(embedding, this.#engine.model);
    this.#image = { embedding };
  }

  /** Returns the embedding of the image. @throws SamError `image-not-set` */
  getImageEmbedding(): ImageEmbedding {
    return this.#currentImage().embedding;
  }

  /** Drops the image. */
  resetImage(): void {
    this.#changes++;
    this.#image = undefined;
  }

  #currentImage(): CurrentImage {
    if (this.#image) return this.#image;
    throw new SamError("image-not-set", "No image is set: call setImage or setImageEmbedding first.");
  }

  /**
   * Predicts masks for one prompt; all of its parts together describe one object. Coordinates are pixels of
   * the original image.
   *
   * @throws SamError `image-not-set`, `prompt-invalid` with the part and its value, `text-unavailable`,
   *   `option-invalid`, `aborted`
   */
  predict(options: PredictOptions & AsLogits): Promise<Prediction<LogitMap>>;
  predict<Mode extends OutputMode = "binary_mask">(
    options: PredictOptions & AsMasks<Mode>,
  ): Promise<Prediction<SegmentationByMode[Mode]>>;
  async predict(options: PredictOptions): Promise<Prediction<AnyMask>> {
    const [prediction] = await this.#run([options], options);
    return prediction!;
  }

  /** Predicts masks for many prompts in one decoder call; the results equal those of `predict` for each. */
  predictBatch(
    prompts: readonly ImagePrompt[],
    options: BatchOptions & AsLogits,
  ): Promise<Prediction<LogitMap>[]>;
  predictBatch<Mode extends OutputMode = "binary_mask">(
    prompts: readonly ImagePrompt[],
    options?: BatchOptions & AsMasks<Mode>,
  ): Promise<Prediction<SegmentationByMode[Mode]>[]>;
  async predictBatch(
    prompts: readonly ImagePrompt[],
    options: BatchOptions = {},
  ): Promise<Prediction<AnyMask>[]> {
    return prompts.length === 0 ? [] : this.#run(prompts, options);
  }

  /**
   * Runs the bare decoder: packed prompts in the model's frame in, low-resolution logits out (Meta's
   * `predict_torch` before upscaling). `masks` can select all four tokens.
   */
  async predictModelFrame(
    prompts: PackedPrompts,
    masks: MaskTokens,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<DecodedMasks> {
    return this.#engine.decode({ embedding: this.getImageEmbedding(), prompts, masks }, { signal });
  }

  async #run(prompts: readonly ImagePrompt[], options: BatchOptions): Promise<Prediction<AnyMask>[]> {
    const form = maskForm(options);
    const image = this.#currentImage();
    const { embedding } = image;
    const inModelFrame = prompts.map((prompt) =>
      toModelFrame(checkPrompt(prompt, embedding, this.#engine.model), embedding),
    );
    const predictions: Prediction<AnyMask>[] = [];
    for (const part of batchesOf(inModelFrame)) {
      predictions.push(...(await this.#runPart(packPrompts(part), image, form, options)));
    }
    return predictions;
  }

  async #runPart(
    prompts: PackedPrompts,
    image: CurrentImage,
    form: MaskForm,
    { multimaskOutput = true, signal }: BatchOptions,
  ): Promise<Prediction<AnyMask>[]> {
    const { embedding } = image;
    const decoded = await this.#engine.decode(
      { embedding, prompts, masks: multimaskOutput ? "three" : "single" },
      { signal },
    );
    const upscaler = this.#upscalerFor(image);
    return splitPrompts(decoded).map(({ iouPredictions, lowResLogits }) => ({
      masks: lowResLogits.map((logits) => inForm(form, upscaler, logits, embedding)),
      iouPredictions,
      lowResLogits,
    }));
  }

  #upscalerFor(image: CurrentImage): MaskUpscaler {
    const { imageSize, inputSize } = image.embedding;
    image.upscaler ??= createMaskUpscaler({
      lowResSize: this.#engine.model.maskSide,
      modelSize: this.#engine.model.imageSide,
      inputSize,
      originalSize: imageSize,
    });
    return image.upscaler;
  }
}

/**
 * Larger batches are sent to the engine in several calls: the logits, 0.8 MB per prompt, would be in one
 * message.
 */
const PROMPTS_PER_CALL = 64;

/** Options of `predictBatch`. */
export type BatchOptions = Pick<PredictOptions, "multimaskOutput" | "outputMode" | "returnLogits" | "signal">;

type AsLogits = { readonly returnLogits: true; readonly outputMode?: never };
type AsMasks<Mode> = { readonly returnLogits?: false; readonly outputMode?: Mode };
type AnyMask = SegmentationByMode[OutputMode] | LogitMap;
type MaskForm = OutputMode | "logits";

/** @throws SamError `option-invalid` */
function maskForm({ returnLogits = false, outputMode }: BatchOptions): MaskForm {
  if (returnLogits && outputMode !== undefined)
    throw new SamError(
      "option-invalid",
      `returnLogits returns logits instead of masks, so outputMode "${outputMode}" has no effect. Omit one of them.`,
    );
  return returnLogits ? "logits" : checkOutputMode(outputMode ?? "binary_mask");
}

/** Converts one map of logits to the requested form. */
function inForm(
  form: MaskForm,
  upscaler: MaskUpscaler,
  logits: Float32Array,
  embedding: ImageEmbedding,
): AnyMask {
  switch (form) {
    case "logits":
      return logitMap(upscaler, logits, embedding);
    case "binary_mask":
      return upscaler.threshold(logits, MASK_THRESHOLD);
    case "uncompressed_rle":
      return upscaler.toRle(logits, MASK_THRESHOLD);
    case "coco_rle":
      return runsToRle(upscaler.toRuns(logits, MASK_THRESHOLD));
  }
}

function logitMap(upscaler: MaskUpscaler, logits: Float32Array, { imageSize }: ImageEmbedding): LogitMap {
  return { width: imageSize.width, height: imageSize.height, data: upscaler.upscale(logits) };
}

/** Splits prompts into batches, in order, that can be packed together. */
function batchesOf(prompts: readonly PromptInput[]): PromptInput[][] {
  const batches: PromptInput[][] = [];
  const tokensOf = (prompt: PromptInput) => prompt.extraTokens?.shape[0];
  for (const prompt of prompts) {
    const last = batches.at(-1);
    const fits = last && last.length < PROMPTS_PER_CALL && tokensOf(last[0]!) === tokensOf(prompt);
    if (fits) last.push(prompt);
    else batches.push([prompt]);
  }
  return batches;
}

function splitPrompts(decoded: DecodedMasks): { iouPredictions: number[]; lowResLogits: Float32Array[] }[] {
  const { batch, masks, iouPredictions, lowResLogits } = decoded;
  const area = lowResLogits.length / (batch * masks);
  return Array.from({ length: batch }, (_, b) => ({
    iouPredictions: Array.from(iouPredictions.subarray(b * masks, (b + 1) * masks)),
    lowResLogits: Array.from({ length: masks }, (_, m) =>
      lowResLogits.slice((b * masks + m) * area, (b * masks + m + 1) * area),
    ),
  }));
}

function checkEmbedding(embedding: ImageEmbedding, ours: ModelInfo): void {
  const { model, features } = embedding;
  if (model.checkpointSha256 !== ours.checkpointSha256) {
    throw new SamError(
      "embedding-mismatch",
      `The embedding was made by ${model.name} (checkpoint ${model.checkpointSha256.slice(0, 12)}…), but the model is ${ours.name} (${ours.checkpointSha256.slice(0, 12)}…). Compute it again with this model.`,
    );
  }
  for (const [name, shape] of Object.entries(ours.features)) {
    const map = features[name];
    const count = shape.reduce((a, b) => a * b, 1);
    if (map && map.shape.join() === shape.join() && map.data.length === count) continue;
    const found = map ? `${map.data.length} values of shape [${map.shape.join(", ")}]` : "nothing";
    throw new SamError(
      "embedding-invalid",
      `The embedding has ${found} as its feature map ${name}; ${ours.name} takes ${count} of [${shape.join(", ")}].`,
    );
  }
  checkSizes(embedding, ours);
}

/** Sizes may come from a file: masks of an image's size are laid out, so that one that no image has is refused. */
function checkSizes({ imageSize, inputSize }: ImageEmbedding, ours: ModelInfo): void {
  const isImage = imageSize.width * imageSize.height <= MAX_PIXELS;
  const expected = modelInputSize(imageSize, ours);
  if (isImage && inputSize.width === expected.width && inputSize.height === expected.height) return;
  throw new SamError(
    "embedding-invalid",
    `The embedding is of an image of ${imageSize.width} x ${imageSize.height} pixels at ${inputSize.width} x ${inputSize.height} in the model's frame, which is no image of ${ours.name}. Make it again with this model.`,
  );
}
