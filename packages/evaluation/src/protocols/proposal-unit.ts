import type { MaskAnnotation } from "@segany/dataset";
import { type MaskRecord, rleIou } from "@segany/masks";
import { PROPOSAL_COUNTS } from "../metrics/average-recall.js";
import type { MatchingUnit } from "../metrics/coco-matching.js";

/** Masks of the mask generator that have a pixel, the best first, as many as recall is measured for. */
export function rankProposals(records: readonly MaskRecord[]): MaskRecord[] {
  return records
    .filter(({ area }) => area > 0)
    .sort((a, b) => rating(b) - rating(a))
    .slice(0, PROPOSAL_COUNTS.at(-1)!);
}

function rating({ predictedIou, stabilityScore }: MaskRecord): number {
  return (predictedIou + stabilityScore) / 2;
}

/** Proposals of an image and its annotated masks, for `countRecalled`; regions to ignore are crowds. */
export function proposalUnit(
  proposals: readonly MaskRecord[],
  truths: readonly Pick<MaskAnnotation, "segmentation" | "area">[],
  ignoreRegions: readonly Pick<MaskAnnotation, "segmentation">[] = [],
): MatchingUnit {
  const masks = [...truths, ...ignoreRegions].map(({ segmentation }) => segmentation);
  const crowd = masks.map((_, i) => i >= truths.length);
  return {
    detections: proposals.map((record) => ({ score: rating(record), areaPx: record.area })),
    truths: masks.map((_, i) => ({ areaPx: truths[i]?.area ?? 0, isCrowd: crowd[i]! })),
    ious: rleIou(
      proposals.map(({ segmentation }) => segmentation),
      masks,
      { crowd },
    ),
  };
}
