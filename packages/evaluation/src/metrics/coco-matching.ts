/** A predicted mask: only its score and size matter to the matching, its overlaps are given beside it. */
export interface Detection {
  readonly score: number;
  readonly areaPx: number;
}

/** A mask of the ground truth. */
export interface Truth {
  readonly areaPx: number;
  /** A region of many objects: any number of detections may match it, none of which counts. */
  readonly isCrowd: boolean;
}

/** One image (of one annotator) and, where classes count, one class. */
export interface MatchingUnit {
  readonly detections: readonly Detection[];
  readonly truths: readonly Truth[];
  /** Detections x truths, row-major; of a crowd the share of the detection inside it (`rleIou`). */
  readonly ious: Float64Array;
}

/** Sizes of masks that count, pixels, both ends included; what is outside is ignored, not wrong. */
export interface AreaRange {
  readonly min: number;
  readonly max: number;
}

/** COCO's sizes: small up to 32², medium up to 96², large above. */
export const AREA_RANGES = {
  all: { min: 0, max: 1e10 },
  small: { min: 0, max: 32 ** 2 },
  medium: { min: 32 ** 2, max: 96 ** 2 },
  large: { min: 96 ** 2, max: 1e10 },
} as const satisfies Record<string, AreaRange>;

/** A range of {@link AREA_RANGES}. */
export type AreaName = keyof typeof AREA_RANGES;

/** COCO's IoU thresholds, .50 to .95 by .05. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100);

/** What became of the detections of a unit at one IoU threshold. */
export interface UnitMatches {
  /** By falling score, at most `maxDetections`. */
  readonly scores: readonly number[];
  /** For each of them: 1 right, 0 wrong, -1 ignored. */
  readonly verdicts: Int8Array;
  /** Masks of the truth that count. */
  readonly truthCount: number;
}

/** How detections and truths are matched. */
export interface MatchingOptions {
  readonly iouThreshold: number;
  readonly areaRange?: AreaRange;
  /** The detections with the highest scores are looked at, no more. */
  readonly maxDetections?: number;
}

/**
 * Matches detections to truths as the COCO tools do (`COCOeval.evaluateImg`): by falling score, each takes
 * the free truth of the highest IoU at or above the threshold; a truth that is ignored (crowd, or outside the
 * area range) only where no other is left, and then the detection is ignored too. A crowd may be taken any
 * number of times. Detections without a match are ignored when they are outside the area range, else wrong.
 *
 * @example
 * const unit = {
 *   detections: [{ score: 0.9, areaPx: 100 }],
 *   truths: [{ areaPx: 100, isCrowd: false }],
 *   ious: Float64Array.of(0.72),
 * };
 * console.log(matchDetections(unit, { iouThreshold: 0.7 }).verdicts); // Int8Array(1) [ 1 ]
 */
export function matchDetections(
  { detections, truths, ious }: MatchingUnit,
  { iouThreshold, areaRange = AREA_RANGES.all, maxDetections = 100 }: MatchingOptions,
): UnitMatches {
  const order = byFallingScore(detections).slice(0, maxDetections);
  const ignored = truths.map(({ isCrowd, areaPx }) => isCrowd || isOutside(areaPx, areaRange));
  const numbers = truths.map((_, t) => t);
  const candidates = [...numbers.filter((t) => !ignored[t]), ...numbers.filter((t) => ignored[t]!)];
  const taken = new Uint8Array(truths.length);
  const verdicts = new Int8Array(order.length);
  order.forEach((detection, place) => {
    const row = ious.subarray(detection * truths.length, (detection + 1) * truths.length);
    const match = bestTruth(row, candidates, { taken, ignored, truths, iouThreshold });
    if (match === -1) {
      verdicts[place] = isOutside(detections[detection]!.areaPx, areaRange) ? -1 : 0;
      return;
    }
    taken[match] = 1;
    verdicts[place] = ignored[match] ? -1 : 1;
  });
  return {
    scores: order.map((detection) => detections[detection]!.score),
    verdicts,
    truthCount: ignored.filter((value) => !value).length,
  };
}

/** Equal scores stay in their order: sorting is stable. */
function byFallingScore(detections: readonly Detection[]): number[] {
  return [...detections.keys()].sort((a, b) => detections[b]!.score - detections[a]!.score);
}

function isOutside(areaPx: number, { min, max }: AreaRange): boolean {
  return areaPx < min || areaPx > max;
}

function bestTruth(
  ious: Float64Array,
  candidates: readonly number[],
  {
    taken,
    ignored,
    truths,
    iouThreshold,
  }: {
    readonly taken: Uint8Array;
    readonly ignored: readonly boolean[];
    readonly truths: readonly Truth[];
    readonly iouThreshold: number;
  },
): number {
  let best = -1;
  let bestIou = Math.min(iouThreshold, 1 - 1e-10);
  for (const truth of candidates) {
    if (taken[truth] && !truths[truth]!.isCrowd) continue;
    if (best !== -1 && !ignored[best] && ignored[truth]) break; // Those that count come first.
    if (ious[truth]! < bestIou) continue;
    bestIou = ious[truth]!;
    best = truth;
  }
  return best;
}
