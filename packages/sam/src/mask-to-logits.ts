import { SamError, type Size } from "@segany/masks";
import type { ModelIo } from "./model/model-io.js";
import { modelInputSize } from "./preprocessing/prepare-image.js";

/** A mask of any origin: row-major values of 0 and 1, of 0 and 255, or probabilities from 0 to 1. */
export interface MaskValues extends Size {
  readonly data: ArrayLike<number>;
}

/** Which image and model the logits are for. */
export interface MaskToLogitsOptions {
  /** Size of the image, pixels. */
  readonly imageSize: Size;
  readonly model: Pick<ModelIo, "imageSide" | "fit" | "maskSide">;
}

/** The logit of certainty. With 1 or less the decoder nearly ignores a mask. */
const CERTAIN = 10;

/**
 * Converts a mask to the low-resolution logits that a mask prompt consists of (`maskInput`). The model was
 * trained with its own logits: 0 and 1 as they are would mean "unsure" everywhere.
 *
 * A value becomes log(p / (1 - p)) within ±10, the mean of the pixels under a logit; what is beyond the image
 * in the model's square input is background.
 *
 * @param mask of the image's size
 * @returns S x S logits, with the model's `maskSide` S
 * @throws SamError `prompt-invalid` for another size, or values that are none of a mask
 *
 * @example
 * await using sam = await loadSam();
 * const mask = { width: 4, height: 2, data: [0, 1, 1, 0, 0, 1, 1, 0] };
 * const logits = maskToLogits(mask, { imageSize: { width: 4, height: 2 }, model: sam.model });
 * console.log(logits.length, logits[0], logits[100]); // 65536 -10 10
 */
export function maskToLogits(
  mask: MaskValues,
  { imageSize, model }: MaskToLogitsOptions,
): Float32Array<ArrayBuffer> {
  const { width, height } = mask;
  if (width !== imageSize.width || height !== imageSize.height || mask.data.length !== width * height)
    throw new SamError(
      "prompt-invalid",
      `The mask has ${mask.data.length} values of ${width} x ${height} pixels; the image has ${imageSize.width} x ${imageSize.height}.`,
    );
  const white = whiteOf(mask.data);
  const { maskSide, imageSide } = model;
  const input = modelInputSize(imageSize, model);
  const columns = cellRanges(width, (input.width * maskSide) / imageSide);
  const rows = cellRanges(height, (input.height * maskSide) / imageSide);
  const logits = new Float32Array(maskSide * maskSide).fill(-CERTAIN);
  for (const [y, [top, bottom]] of rows.entries())
    for (const [x, [left, right]] of columns.entries()) {
      let sum = 0;
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) sum += mask.data[row * width + column]!;
      logits[y * maskSide + x] = logitOf(sum / (white * (bottom - top) * (right - left)));
    }
  return logits;
}

/** The value that means 1. */
function whiteOf(data: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!(value >= 0 && value <= 255))
      throw new SamError(
        "prompt-invalid",
        `The mask has ${value} at index ${i}. A mask has 0 and 1, 0 to 255, or probabilities; logits are given as they are.`,
      );
    if (value > most) most = value;
  }
  return most > 1 ? 255 : 1;
}

/** Which pixels of a side lie under each logit; at least one does. */
function cellRanges(pixels: number, cells: number): [first: number, end: number][] {
  return Array.from({ length: Math.ceil(cells) }, (_, cell) => {
    const first = Math.min(pixels - 1, Math.floor((cell * pixels) / cells));
    const end = Math.min(pixels, Math.max(first + 1, Math.round(((cell + 1) * pixels) / cells)));
    return [first, end];
  });
}

function logitOf(probability: number): number {
  return Math.max(-CERTAIN, Math.min(CERTAIN, Math.log(probability / (1 - probability))));
}
