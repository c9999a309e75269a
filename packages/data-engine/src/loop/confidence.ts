import { type MaskRecord, type MaskRuns, type Rle, rleToRuns } from "@segany/masks";
import { matchMasks } from "../review/match-masks.js";
import { fitLogistic, type LogisticModel, probability } from "../stages/logistic-regression.js";
import { calibrationError, type Judged, precisionAt, thresholdFor } from "./calibration.js";

/** A mask that everything mode found, and what people made of it. */
export interface JudgedCandidate {
  /** Of the image, so that masks of one image are never on both sides of a held-back split. */
  readonly image: string;
  readonly features: readonly number[];
  readonly good: boolean;
}

/** How sure one may be that a mask of everything mode is an object, learned from accepted masks. */
export interface Confidence {
  /** Probability that the mask is good, 0 to 1. */
  of(candidate: MaskRecord): number;
  /** Whether that reaches the threshold. */
  suffices(candidate: MaskRecord): boolean;
  /** Least confidence of masks that are pre-filled; null if none is precise enough. */
  readonly threshold: number | null;
  /** Missing without a mask to learn from. */
  readonly model?: LogisticModel;
  /** On masks of images that were held back, by leaving out each image in turn. */
  readonly heldBack: {
    readonly masks: number;
    /** Share of good ones among those from the threshold on; null without any. */
    readonly precision: number | null;
    readonly calibrationError: number;
  };
}

/** What is known of a mask without its pixels' meaning: scores, size, and form. */
export function featuresOf({
  segmentation,
  area,
  bboxXywh,
  predictedIou,
  stabilityScore,
}: MaskRecord): number[] {
  const [height, width] = segmentation.size;
  const [, , w, h] = bboxXywh;
  const fill = area / Math.max(1, (w + 1) * (h + 1));
  return [predictedIou, stabilityScore, Math.log(area / (width * height)), fill, Math.log((w + 1) / (h + 1))];
}

/**
 * Compares candidates of an image with its accepted masks, each with at most one.
 *
 * @param goodIou IoU from which a candidate is good
 */
export function judgeCandidates(
  image: string,
  candidates: readonly MaskRecord[],
  accepted: readonly MaskRuns[],
  goodIou: number,
): JudgedCandidate[] {
  const runs = candidates.map(({ segmentation }) => rleToRuns(segmentation as Rle));
  const good = new Set(matchMasks(accepted, runs, goodIou).map(({ b }) => b));
  return candidates.map((candidate, i) => ({ image, features: featuresOf(candidate), good: good.has(i) }));
}

/**
 * Learns from judged candidates.
 *
 * @param precision share of good ones that pre-filled masks shall reach
 */
export function learnConfidence(judged: readonly JudgedCandidate[], precision: number): Confidence {
  const heldBack = leaveOneImageOut(judged);
  const threshold = thresholdFor(heldBack, precision);
  const model = fit(judged);
  return {
    ...restoreConfidence({ model: model ?? null, threshold }),
    ...(model && { model }),
    threshold,
    heldBack: {
      masks: heldBack.length,
      precision: threshold === null ? null : precisionAt(heldBack, threshold),
      calibrationError: calibrationError(heldBack),
    },
  };
}

/** The confidence that was learned before. */
export function restoreConfidence({
  model,
  threshold,
}: {
  readonly model: LogisticModel | null;
  readonly threshold: number | null;
}): Pick<Confidence, "of" | "suffices"> {
  const of = (candidate: MaskRecord) => (model ? probability(model, featuresOf(candidate)) : 0);
  return { of, suffices: (candidate) => threshold !== null && of(candidate) >= threshold };
}

function fit(judged: readonly JudgedCandidate[]): LogisticModel | undefined {
  if (judged.length === 0) return undefined;
  return fitLogistic(
    judged.map(({ features }) => features),
    judged.map(({ good }) => good),
  );
}

/** The confidence of each candidate by a model that did not see its image. */
function leaveOneImageOut(judged: readonly JudgedCandidate[]): Judged[] {
  return [...new Set(judged.map(({ image }) => image))].flatMap((held) => {
    const model = fit(judged.filter(({ image }) => image !== held));
    return judged
      .filter(({ image }) => image === held)
      .map(({ features, good }) => ({ confidence: model ? probability(model, features) : 0, good }));
  });
}
