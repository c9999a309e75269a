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

/** The masks of one prompt. */
export interface PromptMasks {
  /** One per mask. */
  readonly iouPredictions: number[];
  /** One map per mask, side x side. */
  readonly lowResLogits: Float32Array[];
}

/** Splits the masks of a batch by prompt, in order. The logits are copied. */
export function splitDecodedMasks({
  batch,
  masks,
  iouPredictions,
  lowResLogits,
}: DecodedMasks): PromptMasks[] {
  const area = lowResLogits.length / (batch * masks);
  return Array.from({ length: batch }, (_, b) => ({
    iouPredictions: Array.from(iouPredictions.subarray(b * masks, (b + 1) * masks)),
    lowResLogits: Array.from({ length: masks }, (_, m) =>
      lowResLogits.slice((b * masks + m) * area, (b * masks + m + 1) * area),
    ),
  }));
}
