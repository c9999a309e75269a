import { BEHAVIOUR_DEFAULTS, type EverythingThresholds } from "@segany/sam";

/** A mask for a click, and how good it is. */
export interface JudgedMask {
  readonly actualIou: number;
  readonly predictedIou: number;
  readonly stability: number;
}

/** A mask is a good one from this IoU on. */
const GOOD_IOU = 0.5;
/** Of the good masks so many are to pass each threshold. */
const KEPT_SHARE = 0.9;

/** Thresholds that nine of ten good masks pass each, but never stricter ones than the defaults. */
export function everythingThresholds(masks: readonly JudgedMask[]): EverythingThresholds {
  const { predIouThresh, stabilityScoreThresh } = BEHAVIOUR_DEFAULTS.official;
  const good = masks.filter(({ actualIou }) => actualIou >= GOOD_IOU);
  const passed = (scores: readonly number[], most: number) => {
    const lowest = scores.toSorted((a, b) => b - a)[Math.ceil(KEPT_SHARE * scores.length) - 1];
    return lowest === undefined ? most : Math.min(most, Math.max(0, Math.floor(lowest * 100 - 1e-3) / 100));
  };
  return {
    predIouThresh: passed(
      good.map(({ predictedIou }) => predictedIou),
      predIouThresh,
    ),
    stabilityScoreThresh: passed(
      good.map(({ stability }) => stability),
      stabilityScoreThresh,
    ),
  };
}
