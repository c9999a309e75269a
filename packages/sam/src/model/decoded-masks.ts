/** Masks of a batch of prompts, as returned by the decoder. */
export interface DecodedMasks {
  readonly batch: number;
  /** Masks per prompt: 1, 3 or 4. */
  readonly masks: number;
  /** batch x masks. */
  readonly iouPredictions: Float32Array;
  /** batch x masks x side x side, 256x256 for every published model. */
  readonly lowResLogits: Float32Array;
}

/** Masks of a batch of prompts, as returned by the foveal decoder: the part in one window of the image. */
export interface WindowMasks {
  /** Masks per prompt. */
  readonly masks: number;
  /** batch x masks. */
  readonly iouPredictions: Float32Array;
  /** batch x masks x side x side. */
  readonly logits: Float32Array;
  /** Side of the window, low-res pixels. */
  readonly side: number;
  /** Its offset, low-res pixels. */
  readonly x: number;
  readonly y: number;
}
