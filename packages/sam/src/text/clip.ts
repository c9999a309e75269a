import { type RgbaImage, SamError, throwIfAborted } from "@segany/masks";
import type { LazySession, RunTensor } from "@segany/runtime";
import { checkFinite } from "../engine/check-finite.js";
import type { ClipArchitecture } from "./clip-architecture.js";
import { imageTensor, shownTensor, textTensors, tokensOf } from "./clip-feeds.js";
import type { ClipActivation } from "./clip-layers.js";
import type { ClipTokenizer, TokenizeOptions } from "./clip-tokenizer.js";
import { normalised } from "./features.js";

/** Settings of one call. */
export interface EmbedOptions {
  readonly signal?: AbortSignal;
}

/** An open CLIP model, in this process. A tower is loaded when it is first needed. */
export interface Clip extends AsyncDisposable {
  readonly architecture: ClipArchitecture;
  readonly activation: ClipActivation;
  /** SHA-256 of the checkpoint. */
  readonly checkpointSha256: string;
  /** What cosines are multiplied by before the softmax over texts, about 100 in trained models. */
  readonly logitScale: number;
  /**
   * Features of texts, each of length 1. Similar texts have similar features, and so do a text and the
   * images that it describes.
   *
   * @throws SamError `prompt-invalid` for a text that is empty, can't be read or has too many tokens (unless
   *   `truncate` is set), `inference-failed`, `aborted`
   */
  embedText(
    texts: readonly string[],
    options?: EmbedOptions & Pick<TokenizeOptions, "truncate">,
  ): Promise<Float32Array[]>;
  /**
   * Features of an image's centre square, of length 1.
   *
   * @throws SamError `image-empty`, `option-invalid` for a very narrow image, `inference-failed`, `aborted`
   */
  embedImage(image: RgbaImage, options?: EmbedOptions): Promise<Float32Array>;
  /** The same for several images, in batches. */
  embedImages(images: readonly RgbaImage[], options?: EmbedOptions): Promise<Float32Array[]>;
  /**
   * Features of objects, each in a square crop whose alpha is above 0 on the object: in the tower's last
   * block the features are read only from patches that show it (SAM's paper, appendix D.5).
   *
   * @throws SamError `option-invalid` for a crop that is no square or shows nothing, and as `embedImage`
   */
  embedObjects(crops: readonly RgbaImage[], options?: EmbedOptions): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** What a model is made of. */
export interface ClipParts {
  readonly architecture: ClipArchitecture;
  readonly activation: ClipActivation;
  readonly checkpointSha256: string;
  readonly logitScale: number;
  /** File of the weights, for messages. */
  readonly source: string;
  readonly text: LazySession;
  readonly image: LazySession;
  /** The image tower for objects, of `clipObjectTower`. */
  readonly object: LazySession;
  readonly openTokenizer: () => Promise<ClipTokenizer>;
  /** Closes the weights. */
  readonly close: () => Promise<void>;
}

/** Most texts and images in one run. */
const TEXTS = 64;
const IMAGES = 8;

/** A model of open parts, which it owns. */
export function createClip(parts: ClipParts): Clip {
  const { architecture, activation, checkpointSha256, logitScale } = parts;

  async function embedImages(images: readonly RgbaImage[], options?: EmbedOptions): Promise<Float32Array[]> {
    return inBatches(images, IMAGES, options, async (batch) =>
      run(parts, parts.image, { images: imageTensor(batch, architecture.image.imageSize) }),
    );
  }

  async function embedObjects(crops: readonly RgbaImage[], options?: EmbedOptions): Promise<Float32Array[]> {
    return inBatches(crops, IMAGES, options, async (batch) =>
      run(parts, parts.object, {
        images: imageTensor(batch, architecture.image.imageSize),
        shown: shownTensor(batch, architecture.image),
      }),
    );
  }

  async function close(): Promise<void> {
    await Promise.all([parts.text.close(), parts.image.close(), parts.object.close()]);
    await parts.close();
  }

  return {
    architecture,
    activation,
    checkpointSha256,
    logitScale,
    async embedText(texts, { truncate = false, signal } = {}) {
      const tokenizer = await parts.openTokenizer();
      const length = architecture.text.context;
      const all = texts.map((text) => tokensOf(text, tokenizer, { length, truncate }));
      return inBatches(all, TEXTS, { signal }, async (batch) =>
        run(parts, parts.text, textTensors(batch, tokenizer.end)),
      );
    },
    embedImage: async (image, options) => (await embedImages([image], options))[0]!,
    embedImages,
    embedObjects,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function inBatches<T>(
  items: readonly T[],
  most: number,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
  embed: (batch: readonly T[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const features: Float32Array[] = [];
  for (let start = 0; start < items.length; start += most) {
    throwIfAborted(signal);
    features.push(...(await embed(items.slice(start, start + most))));
  }
  return features;
}

/** Runs a tower. @returns a feature vector of length 1 for each item of the batch */
async function run(
  { source, architecture }: ClipParts,
  tower: LazySession,
  feeds: Readonly<Record<string, RunTensor>>,
): Promise<Float32Array[]> {
  const { features } = await (await tower.open()).run(feeds);
  const values = features!.data as Float32Array;
  checkFinite(values, "a feature", source);
  const size = architecture.featureSize;
  return Array.from({ length: values.length / size }, (_, i) =>
    normalised(values.subarray(i * size, (i + 1) * size)),
  );
}

/**
 * Cosine of two feature vectors of length 1, from -1 to 1. Those of a text and of an image that it describes
 * are about 0.3 in trained models: only differences between texts mean something.
 *
 * @throws SamError `option-invalid` for vectors of different models
 *
 * @example
 * console.log(similarity(Float32Array.of(1, 0), Float32Array.of(0.6, 0.8)).toFixed(1)); // 0.6
 */
export function similarity(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length)
    throw new SamError(
      "option-invalid",
      `Features of ${a.length} and of ${b.length} values are of different models; they can't be compared.`,
    );
  let sum = 0; // a loop takes a fifth of the time of reduce
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
