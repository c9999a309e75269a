import { SamError } from "@segany/masks";

/**
 * Throws if values are not finite, before masks without pixels or null scores are computed from them.
 *
 * @param what the result, for the message
 * @param source file of the weights
 * @param stride 1 checks every value; a sample is enough where NaN always spreads
 * @throws SamError `inference-failed`
 */
export function checkFinite(values: Float32Array, what: string, source: string, stride = 1): void {
  for (let i = 0; i < values.length; i += stride) {
    if (Number.isFinite(values[i])) continue;
    throw new SamError(
      "inference-failed",
      `The model returns ${what} of ${values[i]}: the weights in ${source} contain NaN or far too large values, as after a training that diverged. Use another checkpoint.`,
    );
  }
}
