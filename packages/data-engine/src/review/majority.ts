import { type MaskRuns, runsFromChanges } from "@segany/masks";

/**
 * The pixels that are inside more than half of the masks.
 *
 * @param masks of one image
 */
export function majorityOf(masks: readonly [MaskRuns, ...MaskRuns[]]): MaskRuns {
  const steps = new Map<number, number>();
  for (const { counts } of masks) {
    let position = 0;
    counts.forEach((count, i) => {
      position += count;
      const step = i % 2 === 0 ? 1 : -1; // the end of a run of zeros is a start
      steps.set(position, (steps.get(position) ?? 0) + step);
    });
  }
  const changes: number[] = [];
  let inside = 0;
  let wasInside = false;
  for (const position of [...steps.keys()].sort((a, b) => a - b)) {
    inside += steps.get(position)!;
    const isInside = inside > masks.length / 2;
    if (isInside !== wasInside) changes.push(position);
    wasInside = isInside;
  }
  return runsFromChanges(Uint32Array.from(changes), masks[0]);
}
