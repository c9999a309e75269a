import type { ExclusiveBoxXyxy, RgbaImage, Rle } from "@segany/masks";

/** A mask for a box. */
export interface BoxMask {
  readonly segmentation: Rle;
  /** The model's own estimate of the mask's IoU with the truth. */
  readonly predictedIou: number;
}

/** What a mask is asked for with. */
interface SingleMaskOptions {
  readonly multimaskOutput: false;
  readonly outputMode: "coco_rle";
  readonly signal?: AbortSignal;
}

/** A model that makes masks for boxes: `SamPredictor` of `@segany/sam` is one. */
export interface BoxPredictor {
  /** Encodes the image that later boxes are on. */
  setImage(image: RgbaImage, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** @returns a prediction per box, in their order, each with one mask */
  predictBatch(
    prompts: readonly { readonly box: ExclusiveBoxXyxy }[],
    options: SingleMaskOptions,
  ): Promise<readonly { readonly masks: readonly Rle[]; readonly iouPredictions: readonly number[] }[]>;
}

/** Boxes in one call: the logits of a mask, 256 KiB, stay in memory until the call ends. */
const BOXES_PER_CALL = 64;

/**
 * Encodes an image and decodes its boxes. A box leaves little doubt, so each gives the decoder's single mask,
 * as in Meta's notebooks.
 */
export async function predictMasks(
  predictor: BoxPredictor,
  image: RgbaImage,
  boxesXyxy: readonly ExclusiveBoxXyxy[],
  signal: AbortSignal | undefined,
): Promise<BoxMask[]> {
  const abort = signal ? { signal } : {};
  await predictor.setImage(image, abort);
  const masks: BoxMask[] = [];
  for (let start = 0; start < boxesXyxy.length; start += BOXES_PER_CALL) {
    const prompts = boxesXyxy.slice(start, start + BOXES_PER_CALL).map((box) => ({ box }));
    const predictions = await predictor.predictBatch(prompts, {
      multimaskOutput: false,
      outputMode: "coco_rle",
      ...abort,
    });
    for (const { masks: found, iouPredictions } of predictions)
      masks.push({ segmentation: found[0]!, predictedIou: iouPredictions[0]! });
  }
  return masks;
}
