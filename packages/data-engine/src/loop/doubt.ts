/**
 * How unsure the model is of what it found in an image: the share of bad masks to expect when each is drawn
 * with its own probability of being good.
 *
 * @param confidences probabilities of all candidates, the unsure ones included
 * @returns 0 to 1; 1 if nothing was found
 */
export function doubtOf(confidences: readonly number[]): number {
  const good = confidences.reduce((sum, p) => sum + p, 0);
  const drawn = confidences.reduce((sum, p) => sum + p * p, 0);
  return good === 0 ? 1 : 1 - drawn / good;
}
