/**
 * How little a mask depends on its threshold: pixels above the threshold raised by the offset over pixels
 * above the threshold lowered by it, which is the IoU of both masks as one lies in the other
 * (`calculate_stability_score` in Meta's repository; appendix B of the paper).
 *
 * A mask that is empty even at the lowered threshold gives 0/0, NaN, as there; no comparison `>= threshold`
 * passes it.
 *
 * @param logits one mask's logits of any shape
 * @returns 0..1, or NaN
 *
 * @example
 * console.log(stabilityScore(Float32Array.of(-3, 0.5, 2, 4), 0, 1)); // 0.6666666666666666
 */
export function stabilityScore(logits: Float32Array, maskThreshold: number, offset: number): number {
  // PyTorch compares in the logits' 32 bits.
  const high = Math.fround(maskThreshold + offset);
  const low = Math.fround(maskThreshold - offset);
  let above = 0;
  let around = 0;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (logit > high) above++;
    if (logit > low) around++;
  }
  return above / around;
}
