import { SamError } from "@segany/masks";

/**
 * Refuses results that are no numbers before anything is made of them: masks without a pixel, ratings that are null.
 *
 * @param what the result is, for the message
 * @param source file of the weights
 * @param stride 1 looks at every value; where NaN can't stay alone, some are enough
 * @throws SamError `inference-failed`
 */
export function checkFinite(values: Float32Array, what: string, source: string, stride = 1): void {
  for (let i = 0; i < values.length; i += stride) {
    if (Number.isFinite(values[i])) continue;
    throw new SamError(
      "inference-failed",
      `The model gives ${what} of ${values[i]}: the weights in ${source} hold values that are no numbers, or far too large ones, as a training leaves them that has diverged. Take another checkpoint.`,
    );
  }
}
