import { type OutputMode, type RgbaImage, SamError, type SegmentationByMode } from "@segany/masks";
import { checkEmbedding } from "./check-embedding.js";
import type { ImageEmbedding } from "./embeddings/image-embedding.js";
import type { Engine } from "./engine/types.js";
import { checkImage } from "./images/check-image.js";
import { type FieldNames, refuseUnknown } from "./known-options.js";
import { type DecodedMasks, splitDecodedMasks } from "./model/decoded-masks.js";
import { batchPrompts, type MaskTokens, type PackedPrompts, packPrompts } from "./model/prompt-batch.js";
import { createMaskUpscaler, type MaskUpscaler } from "./postprocessing/mask-upscaling.js";
import type { Prediction } from "./prediction.js";
import {
  type AsLogits,
  type AsMasks,
  convertLogits,
  type LogitMap,
  type PredictedMask,
  type PredictionForm,
  predictionForm,
} from "./prediction-form.js";
import { prepareImage } from "./preprocessing/prepare-image.js";
import { checkPrompt, type ImagePrompt, PROMPT_FIELDS, toModelFrame } from "./prompt.js";
import type { TextGrounder } from "./text/grounding.js";
import { checkText, promptsOfText, type ResolvedText, regroup } from "./text-prompts.js";

export interface PredictOptions extends ImagePrompt {
  /**
   * Three masks (whole, part, subpart) for an ambiguous prompt; otherwise one. A prompt with text has one
   * mask for each object, with this option the best of the three by the model's estimate.
   */
  readonly multimaskOutput?: boolean;
  /** Form of the masks; `binary_mask` by default. RLE is computed without a dense mask. */
  readonly outputMode?: OutputMode;
  /** Returns logits instead of masks; excludes `outputMode`. */
  readonly returnLogits?: boolean;
  /** Least score of an object that a prompt's text finds, 0 to 1; the engine has its own default. */
  readonly textThreshold?: number;
  readonly signal?: AbortSignal;
}

/** Options of `predictBatch`. */
export type BatchOptions = Pick<
  PredictOptions,
  "multimaskOutput" | "outputMode" | "returnLogits" | "signal" | "textThreshold"
>;

const BATCH_FIELDS: FieldNames<BatchOptions> = {
  multimaskOutput: true,
  outputMode: true,
  returnLogits: true,
  signal: true,
  textThreshold: true,
};
const PREDICT_FIELDS: FieldNames<PredictOptions> = { ...PROMPT_FIELDS, ...BATCH_FIELDS };

/** The parts of a model that the predictor needs. */
export interface PredictorModel {
  readonly engine: Engine;
}

/** What else a predictor may use. */
export interface PredictorOptions {
  /**
   * Finds the objects of prompts with text, see `openTextGrounder` of `@segany/sam/text`. The caller closes
   * it.
   */
  readonly grounder?: TextGrounder;
}

const PREDICTOR_FIELDS: FieldNames<PredictorOptions> = { grounder: true };

/** The image that prompts refer to. */
interface CurrentImage {
  readonly embedding: ImageEmbedding;
  /** Its pixels, if they are known and prompts may have text. */
  readonly pixels?: RgbaImage | undefined;
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
  readonly #grounder: TextGrounder | undefined;
  #image: CurrentImage | undefined;
  /** Counts changes of the image, so that an encoding can detect that it was superseded. */
  #changes = 0;

  constructor(sam: PredictorModel, options: PredictorOptions = {}) {
    refuseUnknown(options, PREDICTOR_FIELDS, "SamPredictor");
    this.#engine = sam.engine;
    this.#grounder = options.grounder;
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
    if (change === this.#changes) this.#image = { embedding, pixels: this.#grounder && image };
  }

  /**
   * Sets an embedding that was computed before, instead of an image.
   *
   * @param pixels the image itself, which prompts with text need
   * @throws SamError `embedding-mismatch` if it comes from another model, or the image has another size;
   *   `embedding-invalid` if it is incomplete
   */
  setImageEmbedding(embedding: ImageEmbedding, pixels?: RgbaImage): void {
    this.resetImage();
    checkEmbedding(embedding, this.#engine.model);
    if (pixels) checkSameSize(embedding, pixels);
    this.#image = { embedding, pixels: this.#grounder && pixels };
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
  async predict(options: PredictOptions): Promise<Prediction<PredictedMask>> {
    const [prediction] = await this.#run([options], options);
    return prediction!;
  }

  /**
   * Validates a prompt against the image and the model without running it: of a list from outside, those that
   * can't be used can so be set aside.
   *
   * @returns the prompt with its defaults; what lies a little outside the image is moved to its edge
   * @throws SamError `image-not-set`, `prompt-invalid` with the part and its value, `text-unavailable`
   */
  checkPrompt(prompt: ImagePrompt): ImagePrompt {
    refuseUnknown(prompt, PREDICT_FIELDS, "A prompt");
    const { embedding, pixels } = this.#currentImage();
    const { maskSide, tokenWidth } = this.#engine.model;
    return checkPrompt(prompt, embedding, {
      maskSide,
      tokenWidth,
      checkText: (text) => checkText(text, this.#grounder, pixels),
    });
  }

  /**
   * Predicts masks for many prompts in one decoder call; the results equal those of `predict` for each.
   *
   * @throws SamError as `predict`, with the number of the prompt
   */
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
  ): Promise<Prediction<PredictedMask>[]> {
    refuseUnknown(options, BATCH_FIELDS, "predictBatch");
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

  async #run(prompts: readonly ImagePrompt[], options: BatchOptions): Promise<Prediction<PredictedMask>[]> {
    const form = predictionForm(options);
    const image = this.#currentImage();
    const checked = prompts.map((prompt, index) =>
      checkOneOf(prompts.length, index, () => this.checkPrompt(prompt)),
    );
    const resolved: (ImagePrompt | ResolvedText)[] = [];
    for (const prompt of checked)
      resolved.push(prompt.text === undefined ? prompt : await this.#resolveText(prompt, image, options));
    const all = resolved.flatMap((each) => ("grounding" in each ? each.prompts : [each]));
    const inModelFrame = all.map((prompt) => toModelFrame(prompt, image.embedding));
    const predictions: Prediction<PredictedMask>[] = [];
    for (const part of batchPrompts(inModelFrame)) {
      predictions.push(...(await this.#runPart(packPrompts(part), image, form, options)));
    }
    return regroup(resolved, predictions);
  }

  /** Finds the objects of a checked prompt's words. */
  async #resolveText(
    prompt: ImagePrompt,
    { embedding, pixels }: CurrentImage,
    { textThreshold, signal }: BatchOptions,
  ): Promise<ResolvedText> {
    const grounding = await this.#grounder!.ground(pixels!, prompt.text!, {
      embedding,
      ...(textThreshold !== undefined && { threshold: textThreshold }),
      ...(signal && { signal }),
    });
    return promptsOfText(grounding, prompt, { imageSize: embedding.imageSize, model: this.#engine.model });
  }

  async #runPart(
    prompts: PackedPrompts,
    image: CurrentImage,
    form: PredictionForm,
    { multimaskOutput = true, signal }: BatchOptions,
  ): Promise<Prediction<PredictedMask>[]> {
    const { embedding } = image;
    const decoded = await this.#engine.decode(
      { embedding, prompts, masks: multimaskOutput ? "three" : "single" },
      { signal },
    );
    const upscaler = this.#upscalerFor(image);
    return splitDecodedMasks(decoded).map(({ iouPredictions, lowResLogits }) => ({
      masks: lowResLogits.map((logits) => convertLogits(form, upscaler, logits, embedding.imageSize)),
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

/** An error of a prompt among others says which one it is, from 1. */
function checkOneOf(count: number, index: number, check: () => ImagePrompt): ImagePrompt {
  try {
    return check();
  } catch (error) {
    if (count === 1 || !(error instanceof SamError)) throw error;
    throw new SamError(error.code, `Prompt ${index + 1} of ${count}: ${error.message}`, { cause: error });
  }
}

function checkSameSize({ imageSize }: ImageEmbedding, { width, height }: RgbaImage): void {
  if (imageSize.width === width && imageSize.height === height) return;
  throw new SamError(
    "embedding-mismatch",
    `The embedding is of an image of ${imageSize.width} x ${imageSize.height} pixels, and the given one has ${width} x ${height}.`,
  );
}
