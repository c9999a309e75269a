/** The protocol's limit of clicks: a mask that isn't reached by then counts with all of them. */
export const MAX_CLICKS = 20;

/**
 * NoC@q of one mask: how many clicks it takes to reach an IoU (the metric of interactive segmentation; RITM,
 * Sofiiuk et al. 2021).
 *
 * @param ious IoU after each click, from the first; may end early once the mask cannot get better
 * @param target IoU to reach, 0..1
 * @returns 1..maxClicks; maxClicks when it isn't reached
 *
 * @example
 * console.log(numberOfClicks([0.62, 0.84, 0.91], 0.9)); // 3
 */
export function numberOfClicks(ious: readonly number[], target: number, maxClicks = MAX_CLICKS): number {
  const reached = ious.slice(0, maxClicks).findIndex((iou) => iou >= target);
  return reached < 0 ? maxClicks : reached + 1;
}

/** IoU after N clicks; the last one where the clicks ended early, since nothing was left to correct. */
export function iouAfterClicks(ious: readonly number[], clicks: number): number {
  return ious[Math.min(clicks, ious.length) - 1]!;
}
