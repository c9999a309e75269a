/** Masks of a batch of prompts as the decoder gives them. */
export interface DecodedMasks {
  readonly batch: number;
  /** Masks a prompt: 1, 3 or 4. */
  readonly masks: number;
  /** batch x masks. */
  readonly iouPredictions: Float32Array;
  /** batch x masks x side x side, 256x256 for every published model. */
  readonly lowResLogits: Float32Array;
}

/** Masks of a batch of prompts as the decoder's foveal form gives them: what lies in one window of the image. */
export interface WindowMasks {
  /** Masks a prompt. */
  readonly masks: number;
  /** batch x masks. */
  readonly iouPredictions: Float32Array;
  /** batch x masks x side x side. */
  readonly logits: Float32Array;
  /** Side of the window, low-res pixels. */
  readonly side: number;
  /** Where it begins, low-res pixels. */
  readonly x: number;
  readonly y: number;
}
