import {
  areaOfRuns,
  boxXyxyToXywh,
  type MaskRecord,
  type MaskRuns,
  nonMaximumSuppression,
  toExclusiveBox,
} from "@segany/masks";
import type { Candidate, PickedMask } from "./candidate.js";
import { cleanOfficial, cleanPaper } from "./clean-masks.js";
import type { Behaviour, Selection } from "./selection.js";

/** Masks that cover at least this share of the image are dropped as meaningless (paper, appendix B). */
const PAPER_MAX_SHARE = 0.95;

/**
 * Selects masks from the candidates of all crops: thresholds, non-maximum suppression within each crop by
 * predicted IoU, between crops by crop size, then clean-up (`_generate_masks` and `generate`; appendix B for
 * behaviour `paper`).
 */
export function selectMasks(
  candidates: readonly Candidate[],
  selection: Selection,
  behaviour: Behaviour,
): MaskRecord<MaskRuns>[] {
  const rated = candidates.filter(({ predictedIou }) => isRated(predictedIou, selection));
  const distinct = suppressBetweenCrops(suppressInCrops(rated, selection), selection.cropNmsThresh);
  const picked = distinct.map(
    (candidate): PickedMask => ({ candidate, mask: candidate.mask(), boxXyxy: candidate.boxXyxy }),
  );
  return finish(picked, selection, behaviour).map((mask) => toRecord(mask, behaviour));
}

function isRated(predictedIou: number, { predIouThresh }: Selection): boolean {
  return predIouThresh <= 0 || predictedIou > predIouThresh;
}

function isStable(candidate: Candidate, { stabilityScoreThresh }: Selection): boolean {
  return stabilityScoreThresh <= 0 || candidate.isStable(stabilityScoreThresh);
}

/**
 * Suppresses within crops. Meta's code drops unstable masks before suppression. Computing stability only for
 * masks that no better one suppresses selects the same masks with a fraction of the work.
 */
function suppressInCrops(candidates: readonly Candidate[], selection: Selection): Candidate[] {
  return [...groupByCrop(candidates).values()].flatMap((group) =>
    suppress(
      group,
      group.map(({ predictedIou }) => predictedIou),
      selection.boxNmsThresh,
      (candidate) => isStable(candidate, selection),
    ),
  );
}

function groupByCrop(candidates: readonly Candidate[]): Map<Candidate["crop"], Candidate[]> {
  const groups = new Map<Candidate["crop"], Candidate[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.crop);
    if (group) group.push(candidate);
    else groups.set(candidate.crop, [candidate]);
  }
  return groups;
}

/** Suppresses between crops. Masks from smaller crops are preferred: they have a higher resolution. */
function suppressBetweenCrops(candidates: readonly Candidate[], cropNmsThresh: number): readonly Candidate[] {
  if (new Set(candidates.map(({ crop }) => crop)).size <= 1) return candidates;
  const scores = candidates.map(
    ({
      crop: {
        boxXyxy: [x0, y0, x1, y1],
      },
    }) => 1 / ((x1 - x0) * (y1 - y0)),
  );
  return suppress(candidates, scores, cropNmsThresh);
}

function suppress(
  candidates: readonly Candidate[],
  scores: readonly number[],
  iouThreshold: number,
  accept: (candidate: Candidate) => boolean = () => true,
): Candidate[] {
  const boxes = candidates.map(({ boxXyxy }) => boxXyxy);
  const kept = nonMaximumSuppression(boxes, scores, iouThreshold, (index) => accept(candidates[index]!));
  return kept.map((index) => candidates[index]!);
}

function finish(
  picked: readonly PickedMask[],
  selection: Selection,
  behaviour: Behaviour,
): readonly PickedMask[] {
  const { minMaskRegionArea } = selection;
  switch (behaviour) {
    case "official":
    case "fast": {
      const nmsThresh = Math.max(selection.boxNmsThresh, selection.cropNmsThresh);
      return minMaskRegionArea > 0 ? cleanOfficial(picked, minMaskRegionArea, nmsThresh) : picked;
    }
    case "paper": {
      const sized = picked.filter(
        ({ mask }) => areaOfRuns(mask) < PAPER_MAX_SHARE * mask.width * mask.height,
      );
      return minMaskRegionArea > 0 ? cleanPaper(sized, minMaskRegionArea) : sized;
    }
  }
}

function toRecord({ candidate, mask, boxXyxy }: PickedMask, behaviour: Behaviour): MaskRecord<MaskRuns> {
  const area = areaOfRuns(mask);
  // The box of an empty mask is empty in either form.
  const isCoco = behaviour === "paper" && area > 0;
  return {
    segmentation: mask,
    area,
    bboxXywh: isCoco ? boxXyxyToXywh(toExclusiveBox(boxXyxy)) : boxXyxyToXywh(boxXyxy),
    predictedIou: candidate.predictedIou,
    pointCoords: [candidate.point],
    stabilityScore: candidate.stabilityScore,
    cropBoxXywh: boxXyxyToXywh(candidate.crop.boxXyxy),
  };
}
