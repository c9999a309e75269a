import { type ImagePoint, type InclusiveBoxXyxy, type MaskRuns, placeRuns, uncropBox } from "@segany/masks";
import { cropLogits, restoreLogits } from "../postprocessing/cropped-logits.js";
import type { Stability } from "../postprocessing/mask-stability.js";
import type { MaskUpscaler } from "../postprocessing/mask-upscaling.js";
import type { Crop } from "./crops.js";
import type { CropTask } from "./types.js";

/** A mask proposed by the decoder, with as little data as changing thresholds needs. */
export interface Candidate {
  readonly crop: Crop;
  /** The point that prompted it. */
  readonly point: ImagePoint;
  readonly predictedIou: number;
  /** Computed on first use. NaN for a mask that is empty even at the lowered threshold. */
  readonly stabilityScore: number;
  /** Whether the stability score is at least the threshold; faster than the score if it is not. */
  isStable(threshold: number): boolean;
  /** In the image's frame. */
  readonly boxXyxy: InclusiveBoxXyxy;
  /** The mask in the whole image; computed on first use. */
  mask(): MaskRuns;
}

/** A selected candidate with its mask. */
export interface PickedMask {
  readonly candidate: Candidate;
  readonly mask: MaskRuns;
  /** In the image's frame. */
  readonly boxXyxy: InclusiveBoxXyxy;
}

/** Threshold of logits: a mask is where they are above zero. */
export const MASK_THRESHOLD = 0;

/** Converts low-res logits of one crop to masks. */
export interface UpscalingTools {
  readonly upscaler: MaskUpscaler;
  /** A low-resolution map as scratch memory, shared by the candidates of a crop. */
  readonly scratch: Float32Array;
}

/** What is known of a candidate right after decoding. */
export interface Proposal {
  /** Complete low-res map, row-major; the relevant part is copied. */
  readonly logits: Float32Array;
  readonly predictedIou: number;
  readonly point: ImagePoint;
  /** In the crop's frame. */
  readonly boxInCropXyxy: InclusiveBoxXyxy;
}

/**
 * Creates a candidate. Non-maximum suppression selects a few dozen of a thousand by their boxes, so stability
 * and mask, the most expensive parts, are computed on first use.
 */
export function createCandidate(
  { logits, predictedIou, point, boxInCropXyxy }: Proposal,
  { crop, imageSize, stabilityScoreOffset }: Pick<CropTask, "crop" | "imageSize" | "stabilityScoreOffset">,
  { upscaler, scratch }: UpscalingTools,
): Candidate {
  const cropped = cropLogits(logits, MASK_THRESHOLD - stabilityScoreOffset);
  const restore = () => restoreLogits(cropped, scratch);
  const stability = (floor?: number) =>
    upscaler.stability(restore(), MASK_THRESHOLD, stabilityScoreOffset, floor);
  const [left, top] = crop.boxXyxy;
  let known: Stability | undefined;
  let mask: MaskRuns | undefined;
  return {
    crop,
    point,
    predictedIou,
    boxXyxy: uncropBox(boxInCropXyxy, crop.boxXyxy),
    get stabilityScore() {
      if (!known?.isExact) known = stability();
      return known.score;
    },
    isStable(threshold) {
      if (!known || (!known.isExact && known.score >= threshold)) known = stability(threshold);
      return known.score >= threshold;
    },
    mask() {
      mask ??= placeRuns(upscaler.toRuns(restore(), MASK_THRESHOLD), left, top, imageSize);
      return mask;
    },
  };
}
