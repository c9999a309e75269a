import type { Precision } from "@segany/graph";
import type { Size } from "@segany/masks";

/** Which weights made something, and in which arithmetic. */
export interface ModelIdentity {
  readonly name: string;
  /** SHA-256 of the checkpoint, lower-case hex. */
  readonly checkpointSha256: string;
  /**
   * Arithmetic of the image encoder; fp32 where left out. Embeddings of either serve the same (fp32) decoder, but masks
   * differ a little: what compares or keeps embeddings has to tell them apart.
   */
  readonly precision?: Precision;
}

/** What the image encoder says of an image: computed once, then asked with any number of prompts. */
export interface ImageEmbedding {
  readonly model: ModelIdentity;
  /** The original image, pixels. */
  readonly imageSize: Size;
  /** The image in the model's frame: long side at the input size, before padding. */
  readonly inputSize: Size;
  /** 1 x channels x side x side, 1x256x64x64 for every published model. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
