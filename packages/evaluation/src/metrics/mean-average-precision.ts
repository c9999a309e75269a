import {
  averagePrecision,
  precisionRecallCurve,
  type RankedMatches,
  rankMatches,
} from "./average-precision.js";
import type { WeightedStatistic } from "./bootstrap.js";
import {
  AREA_RANGES,
  type AreaName,
  IOU_THRESHOLDS,
  type MatchingUnit,
  matchDetections,
} from "./coco-matching.js";
import { mean } from "./metrics.js";

/** Detections and truths of one class in one image (of one annotator). */
export interface CategoryUnit {
  /** Number of the image, by which it is weighed. */
  readonly image: number;
  readonly category: number | undefined;
  readonly unit: MatchingUnit;
}

const AREA_KEYS: Readonly<Record<Exclude<AreaName, "all">, string>> = {
  small: "aps",
  medium: "apm",
  large: "apl",
};

/**
 * COCO's AP: mean over classes and IoU .50:.05:.95 of the average precision; also at .50 and .75 alone
 * (`ap50`, `ap75`) and for small, medium and large masks (`aps`, `apm`, `apl`). A class without truths of
 * that size is left out; NaN where none is left.
 *
 * @example
 * const unit = {
 *   detections: [{ score: 0.9, areaPx: 100 }],
 *   truths: [{ areaPx: 100, isCrowd: false }],
 *   ious: Float64Array.of(0.72),
 * };
 * const precision = createPrecisionStatistic([{ image: 0, category: 1, unit }]);
 * console.log(precision([1]).ap); // 0.5
 */
export function createPrecisionStatistic(
  units: readonly CategoryUnit[],
  maxDetections?: number,
): WeightedStatistic {
  const classes = rankClasses(units, maxDetections);
  return (weights) => {
    const byIou = IOU_THRESHOLDS.map((_, i) => meanPrecision(classes, "all", i, weights));
    const metrics: Record<string, number> = {
      ap: mean(byIou),
      ap50: byIou[0]!,
      ap75: byIou[5]!,
    };
    for (const [area, key] of Object.entries(AREA_KEYS)) {
      metrics[key] = mean(IOU_THRESHOLDS.map((_, i) => meanPrecision(classes, area as AreaName, i, weights)));
    }
    return metrics;
  };
}

/**
 * Precision at recalls 0, .05, … 1 at one IoU threshold, mean over classes.
 *
 * @param iou number of the threshold in `IOU_THRESHOLDS`
 */
export function meanPrecisionCurve(
  units: readonly CategoryUnit[],
  iou: number,
  maxDetections?: number,
): (readonly [recall: number, precision: number])[] {
  const curves = rankClasses(units, maxDetections).flatMap(
    ({ ranked }) => precisionRecallCurve(ranked.all[iou]!) ?? [],
  );
  return Array.from({ length: 21 }, (_, i) => {
    const recall = i / 20;
    const precisions = curves.map(({ recalls, precisions: list }) => {
      const place = recalls.findIndex((value) => value >= recall);
      return place === -1 ? 0 : list[place]!;
    });
    return [recall, mean(precisions)] as const;
  });
}

/** One class: its images, and its detections ranked for each area range and IoU threshold. */
interface RankedClass {
  readonly images: readonly number[];
  readonly ranked: Readonly<Record<AreaName, readonly RankedMatches[]>>;
}

function rankClasses(units: readonly CategoryUnit[], maxDetections = 100): RankedClass[] {
  const groups = new Map<number | undefined, CategoryUnit[]>();
  for (const unit of units) groups.set(unit.category, [...(groups.get(unit.category) ?? []), unit]);
  return [...groups.values()].map((group) => {
    const rank = (area: AreaName) =>
      IOU_THRESHOLDS.map((iouThreshold) =>
        rankMatches(
          group.map(({ unit }) =>
            matchDetections(unit, { iouThreshold, areaRange: AREA_RANGES[area], maxDetections }),
          ),
        ),
      );
    return {
      images: group.map(({ image }) => image),
      ranked: { all: rank("all"), small: rank("small"), medium: rank("medium"), large: rank("large") },
    };
  });
}

function meanPrecision(
  classes: readonly RankedClass[],
  area: AreaName,
  iou: number,
  weights: readonly number[],
): number {
  const precisions = classes.map(({ images, ranked }) =>
    averagePrecision(
      ranked[area][iou]!,
      images.map((image) => weights[image]!),
    ),
  );
  return mean(precisions.filter((precision) => !Number.isNaN(precision)));
}
