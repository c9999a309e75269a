import { type OutputMode, runsToRle, SamError, type SegmentationByMode, type Size } from "@segany/masks";
import { checkOutputMode } from "./output-mode.js";
import type { MaskUpscaler } from "./postprocessing/mask-upscaling.js";

/** Threshold of logits: a mask is where they are above zero. */
const MASK_THRESHOLD = 0;

/** A mask before thresholding: logits in the original image, row-major. */
export interface LogitMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Options of a prediction of logits. */
export type AsLogits = { readonly returnLogits: true; readonly outputMode?: never };
/** Options of a prediction of masks in one form. */
export type AsMasks<Mode> = { readonly returnLogits?: false; readonly outputMode?: Mode };
/** What a prediction may return per mask. */
export type PredictedMask = SegmentationByMode[OutputMode] | LogitMap;
/** What to convert the decoder's logits to. */
export type PredictionForm = OutputMode | "logits";

/** The options that select the form. */
interface FormOptions {
  readonly outputMode?: OutputMode;
  readonly returnLogits?: boolean;
}

/** Returns the selected form. @throws SamError `option-invalid` */
export function predictionForm({ returnLogits = false, outputMode }: FormOptions): PredictionForm {
  if (returnLogits && outputMode !== undefined)
    throw new SamError(
      "option-invalid",
      `returnLogits returns logits instead of masks, so outputMode "${outputMode}" has no effect. Omit one of them.`,
    );
  return returnLogits ? "logits" : checkOutputMode(outputMode ?? "binary_mask");
}

/** Converts one low-res map of logits to a mask, or a map of logits, of the original image. */
export function convertLogits(
  form: PredictionForm,
  upscaler: MaskUpscaler,
  lowResLogits: Float32Array,
  { width, height }: Size,
): PredictedMask {
  switch (form) {
    case "logits":
      return { width, height, data: upscaler.upscale(lowResLogits) };
    case "binary_mask":
      return upscaler.threshold(lowResLogits, MASK_THRESHOLD);
    case "uncompressed_rle":
      return upscaler.toRle(lowResLogits, MASK_THRESHOLD);
    case "coco_rle":
      return runsToRle(upscaler.toRuns(lowResLogits, MASK_THRESHOLD));
  }
}
