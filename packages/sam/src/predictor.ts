import { type Mask, type RgbaImage, SamError } from "@segany/masks";
import type { ImageEmbedding } from "./embeddings/image-embedding.js";
import type { Engine } from "./engine/types.js";
import { checkImage } from "./images/check-image.js";
import type { DecodedMasks } from "./model/decoded-masks.js";
import { type MaskTokens, type PackedPrompts, packPrompts } from "./model/prompt-batch.js";
import { createMaskUpscaler, type MaskUpscaler } from "./postprocessing/mask-upscaling.js";
import { prepareImage } from "./preprocessing/prepare-image.js";
import { checkPrompt, type ImagePrompt, toModelFrame } from "./prompt.js";

/** Thresholded logits: a mask is where they are above zero. */
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
  /** Hands out logits in place of masks. */
  readonly returnLogits?: boolean;
  readonly signal?: AbortSignal;
}

/** What the decoder makes of one prompt. */
export interface Prediction<M = Mask> {
  /** In the decoder's order, at the original image's size. */
  readonly masks: M[];
  /** The model's own estimate of each mask's quality. */
  readonly iouPredictions: number[];
  /** One 256x256 map of logits a mask: feed one back as `maskInput` to refine. */
  readonly lowResLogits: Float32Array[];
}

/** What a predictor needs of a model. */
export interface PredictorModel {
  readonly engine: Engine;
}

/** The image that prompts are about. */
interface CurrentImage {
  readonly embedding: ImageEmbedding;
  /** Made with the first prediction. */
  upscaler?: MaskUpscaler;
}

/**
 * Masks for prompts on one image (Meta's `SamPredictor`): the image is encoded once, then each prompt takes
 * milliseconds.
 *
 * Calls may overlap. A prediction belongs to the image that was set when it was called, whatever is set while it is
 * under way. Of several `setImage`, `setImageEmbedding` and `resetImage` the last one called wins, in whatever order
 * they end.
 *
 * @example
 * const predictor = new SamPredictor(sam);
 * await predictor.setImage(image);
 * const { masks, iouPredictions } = await predictor.predict({ pointCoords: [[500, 375]], pointLabels: [1] });
 */
export class SamPredictor {
  readonly #engine: Engine;
  #image: CurrentImage | undefined;
  /** Counts changes of the image, so that an encoding knows whether a later one has replaced it. */
  #changes = 0;

  constructor(sam: PredictorModel) {
    this.#engine = sam.engine;
  }

  /** Whether there is an image to ask about. */
  get isImageSet(): boolean {
    return this.#image !== undefined;
  }

  /**
   * Runs the image encoder. The image set before is forgotten at once. If the image is set anew or reset meanwhile,
   * the promise resolves and this image is dropped.
   *
   * @throws SamError `image-empty`, `image-unreadable`, `aborted`
   */
  async setImage(image: RgbaImage, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.resetImage();
    const change = this.#changes;
    checkImage(image);
    const prepared = prepareImage(image, this.#engine.model.architecture.encoder.imageSize);
    const embedding = await this.#engine.encode(prepared, { signal });
    if (change === this.#changes) this.#image = { embedding };
  }

  /**
   * Takes an embedding that was made before in place of an image.
   *
   * @throws SamError `embedding-mismatch` if it comes from another model, `embedding-invalid` if it is not whole
   */
  setImageEmbedding(embedding: ImageEmbedding): void {
    this.resetImage();
    checkEmbedding(embedding, this.#engine.model);
    this.#image = { embedding };
  }

  /** @throws SamError `image-not-set` */
  getImageEmbedding(): ImageEmbedding {
    return this.#currentImage().embedding;
  }

  /** Forgets the image. */
  resetImage(): void {
    this.#changes++;
    this.#image = undefined;
  }

  #currentImage(): CurrentImage {
    if (this.#image) return this.#image;
    throw new SamError("image-not-set", "There is no image yet: call setImage or setImageEmbedding first.");
  }

  /**
   * Masks for one prompt; all of its parts together describe one object. Coordinates are pixels of the original image.
   *
   * @throws SamError `image-not-set`, `prompt-invalid` with the part and its value, `text-unavailable`, `aborted`
   */
  predict(options: PredictOptions & { readonly returnLogits: true }): Promise<Prediction<LogitMap>>;
  predict(options: PredictOptions & { readonly returnLogits?: false }): Promise<Prediction<Mask>>;
  async predict(options: PredictOptions): Promise<Prediction<Mask | LogitMap>> {
    const [prediction] = await this.#run([options], options);
    return prediction!;
  }

  /** Masks for many prompts in one decoder call; the results are those of `predict` for each. */
  predictBatch(
    prompts: readonly ImagePrompt[],
    options: BatchOptions & { readonly returnLogits: true },
  ): Promise<Prediction<LogitMap>[]>;
  predictBatch(
    prompts: readonly ImagePrompt[],
    options?: BatchOptions & { readonly returnLogits?: false },
  ): Promise<Prediction<Mask>[]>;
  async predictBatch(
    prompts: readonly ImagePrompt[],
    options: BatchOptions = {},
  ): Promise<Prediction<Mask | LogitMap>[]> {
    return prompts.length === 0 ? [] : this.#run(prompts, options);
  }

  /**
   * The decoder as it stands: prompts packed in the model's 1024-pixel frame, low-resolution logits out (Meta's
   * `predict_torch` before upscaling). `masks` may ask for all four tokens.
   */
  async predictModelFrame(
    prompts: PackedPrompts,
    masks: MaskTokens,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<DecodedMasks> {
    return this.#engine.decode({ embedding: this.getImageEmbedding(), prompts, masks }, { signal });
  }

  async #run(prompts: readonly ImagePrompt[], options: BatchOptions): Promise<Prediction<Mask | LogitMap>[]> {
    const image = this.#currentImage();
    const { embedding } = image;
    const inModelFrame = prompts.map((prompt) => toModelFrame(checkPrompt(prompt, embedding), embedding));
    const predictions: Prediction<Mask | LogitMap>[] = [];
    for (let start = 0; start < prompts.length; start += PROMPTS_PER_CALL) {
      const part = packPrompts(inModelFrame.slice(start, start + PROMPTS_PER_CALL));
      predictions.push(...(await this.#runPart(part, image, options)));
    }
    return predictions;
  }

  async #runPart(
    prompts: PackedPrompts,
    image: CurrentImage,
    { multimaskOutput = true, returnLogits = false, signal }: BatchOptions,
  ): Promise<Prediction<Mask | LogitMap>[]> {
    const { embedding } = image;
    const decoded = await this.#engine.decode(
      { embedding, prompts, masks: multimaskOutput ? "three" : "single" },
      { signal },
    );
    const upscaler = this.#upscalerFor(image, decoded);
    return splitPrompts(decoded).map(({ iouPredictions, lowResLogits }) => ({
      masks: lowResLogits.map((logits) =>
        returnLogits ? logitMap(upscaler, logits, embedding) : upscaler.threshold(logits, MASK_THRESHOLD),
      ),
      iouPredictions,
      lowResLogits,
    }));
  }

  #upscalerFor(image: CurrentImage, decoded: DecodedMasks): MaskUpscaler {
    const { imageSize, inputSize } = image.embedding;
    image.upscaler ??= createMaskUpscaler({
      lowResSize: lowResSide(decoded),
      modelSize: this.#engine.model.architecture.encoder.imageSize,
      inputSize,
      originalSize: imageSize,
    });
    return image.upscaler;
  }
}

/** More prompts go to the engine in several calls: their logits, 0.8 MB each, would travel in one message. */
const PROMPTS_PER_CALL = 64;

/** What `predictBatch` takes beside the prompts. */
export type BatchOptions = Pick<PredictOptions, "multimaskOutput" | "returnLogits" | "signal">;

function logitMap(upscaler: MaskUpscaler, logits: Float32Array, { imageSize }: ImageEmbedding): LogitMap {
  return { width: imageSize.width, height: imageSize.height, data: upscaler.upscale(logits) };
}

function lowResSide({ lowResLogits, batch, masks }: DecodedMasks): number {
  return Math.sqrt(lowResLogits.length / (batch * masks));
}

function splitPrompts(decoded: DecodedMasks): { iouPredictions: number[]; lowResLogits: Float32Array[] }[] {
  const { batch, masks, iouPredictions, lowResLogits } = decoded;
  const area = lowResSide(decoded) ** 2;
  return Array.from({ length: batch }, (_, b) => ({
    iouPredictions: Array.from(iouPredictions.subarray(b * masks, (b + 1) * masks)),
    lowResLogits: Array.from({ length: masks }, (_, m) =>
      lowResLogits.slice((b * masks + m) * area, (b * masks + m + 1) * area),
    ),
  }));
}

function checkEmbedding(
  { model, features }: ImageEmbedding,
  ours: { readonly name: string; readonly checkpointSha256: string },
): void {
  if (model.checkpointSha256 !== ours.checkpointSha256) {
    throw new SamError(
      "embedding-mismatch",
      `The embedding was made by ${model.name} (checkpoint ${model.checkpointSha256.slice(0, 12)}…), but the model is ${ours.name} (${ours.checkpointSha256.slice(0, 12)}…). Make it again with this model.`,
    );
  }
  for (const [name, { shape, data }] of Object.entries(features)) {
    const count = shape.reduce((a, b) => a * b, 1);
    if (data.length === count) continue;
    throw new SamError(
      "embedding-invalid",
      `The feature map ${name} of shape [${shape.join(", ")}] has ${count} values, not ${data.length}.`,
    );
  }
}
