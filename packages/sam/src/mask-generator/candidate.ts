import type { CropTask } from "../engine/types.js";
import { placeRle } from "../masks/rle-operations.js";
import type { BoxXyxy, Point, Rle } from "../masks/types.js";
import { type CroppedLogits, restoreLogits } from "../transforms/cropped-logits.js";
import type { MaskUpscaler } from "../transforms/mask-upscaling.js";
import type { Crop } from "./crops.js";

/** A mask that the decoder proposed, kept as small as thresholds can still be moved with. */
export interface Candidate {
  readonly crop: Crop;
  /** The point that prompted it, pixels of the image. */
  readonly point: Point;
  readonly predictedIou: number;
  /** NaN for a mask that is empty even at the lowered threshold. */
  readonly stabilityScore: number;
  /** Pixels of the image, last column and row inclusive. */
  readonly boxXyxy: BoxXyxy;
  /** The mask in the whole image; made when first asked for. */
  rle(): Rle;
}

/** A candidate that was picked, with its mask. */
export interface PickedMask {
  readonly candidate: Candidate;
  readonly rle: Rle;
  /** Pixels of the image, last column and row inclusive. */
  readonly boxXyxy: BoxXyxy;
}

/** Thresholded logits: a mask is where they are above zero. */
export const MASK_THRESHOLD = 0;

/**
 * A function that makes the mask of a candidate once, and remembers it.
 *
 * @param scratch a low-resolution map to work in, shared by the candidates of a crop
 */
export function lazyRle(
  logits: CroppedLogits,
  { crop, imageSize }: Pick<CropTask, "crop" | "imageSize">,
  upscaler: MaskUpscaler,
  scratch: Float32Array,
): () => Rle {
  let made: Rle | undefined;
  return () => {
    made ??= placeRle(
      upscaler.toRle(restoreLogits(logits, scratch), MASK_THRESHOLD),
      crop.boxXyxy[0],
      crop.boxXyxy[1],
      imageSize,
    );
    return made;
  };
}
