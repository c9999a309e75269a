import { SamError } from "./errors.js";
import type { CocoBoxXywh } from "./frames.js";
import { areaOfRuns, boxOfRuns, checkSameImage } from "./run-measures.js";
import type { MaskRuns } from "./types.js";

/**
 * The number of pixels that are inside both masks.
 *
 * @throws SamError `rle-invalid` when sizes differ
 *
 * @example
 * console.log(sharedAreaOfRuns(maskToRuns(mask), maskToRuns(mask))); // 9
 */
export function sharedAreaOfRuns(a: MaskRuns, b: MaskRuns): number {
  checkSameImage(a, b);
  return intersectionArea(a.counts, b.counts);
}

function intersectionArea(a: Uint32Array, b: Uint32Array): number {
  let area = 0;
  let startA = a[0]!;
  let startB = b[0]!;
  let i = 1;
  let j = 1;
  while (i < a.length && j < b.length) {
    const endA = startA + a[i]!;
    const endB = startB + b[j]!;
    area += Math.max(0, Math.min(endA, endB) - Math.max(startA, startB));
    if (endA <= endB) {
      startA = endA + (a[i + 1] ?? 0);
      i += 2;
    } else {
      startB = endB + (b[j + 1] ?? 0);
      j += 2;
    }
  }
  return area;
}

/**
 * Intersection over union of every mask of `a` with every mask of `b`, as the COCO tools compute it: 0 where
 * nothing is shared, and for a crowd region in `b` the intersection over the area of the mask in `a` alone.
 *
 * @returns |a| x |b| ratios, row-major
 * @throws SamError `rle-invalid` when sizes differ, `option-invalid` when `crowd` has another length than `b`
 *
 * @example
 * console.log(iouOfRuns([maskToRuns(mask)], [maskToRuns(mask)])); // Float64Array(1) [ 1 ]
 */
export function iouOfRuns(
  a: readonly MaskRuns[],
  b: readonly MaskRuns[],
  {
    crowd,
  }: {
    /** For each mask of `b`, whether it is a crowd region; none by default. */
    readonly crowd?: readonly boolean[];
  } = {},
): Float64Array {
  if (crowd && crowd.length !== b.length) {
    throw new SamError(
      "option-invalid",
      `crowd has ${crowd.length} entries for ${b.length} masks; give one for each.`,
    );
  }
  const ratios = new Float64Array(a.length * b.length);
  const reference = a[0] ?? b[0];
  if (!reference) return ratios;
  const left = a.map((mask) => measure(mask, reference));
  const right = b.map((mask) => measure(mask, reference));
  left.forEach((maskA, i) => {
    right.forEach((maskB, j) => {
      if (!boxesMeet(maskA.boxXywh, maskB.boxXywh)) return;
      const intersection = intersectionArea(maskA.counts, maskB.counts);
      if (intersection === 0) return;
      const union = crowd?.[j] ? maskA.areaPx : maskA.areaPx + maskB.areaPx - intersection;
      ratios[i * b.length + j] = intersection / union;
    });
  });
  return ratios;
}

interface MeasuredRuns {
  readonly counts: Uint32Array;
  readonly areaPx: number;
  readonly boxXywh: CocoBoxXywh;
}

function measure(mask: MaskRuns, reference: MaskRuns): MeasuredRuns {
  checkSameImage(reference, mask);
  return { counts: mask.counts, areaPx: areaOfRuns(mask), boxXywh: boxOfRuns(mask) };
}

function boxesMeet([ax, ay, aw, ah]: CocoBoxXywh, [bx, by, bw, bh]: CocoBoxXywh): boolean {
  return ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;
}
