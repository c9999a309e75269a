import { iouOfRuns, type MaskRuns } from "@segany/masks";

/** Two masks of one object, from two lists. */
export interface MaskPair {
  readonly a: number;
  readonly b: number;
  readonly iou: number;
}

/**
 * Pairs masks of two lists, each with at most one of the other: best IoU first.
 *
 * @param minIou pairs below are none
 */
export function matchMasks(
  a: readonly MaskRuns[],
  b: readonly MaskRuns[],
  minIou: number,
): readonly MaskPair[] {
  const ious = iouOfRuns(a, b);
  const candidates: MaskPair[] = [];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < b.length; j++) {
      const iou = ious[i * b.length + j]!;
      if (iou > 0 && iou >= minIou) candidates.push({ a: i, b: j, iou });
    }
  candidates.sort((x, y) => y.iou - x.iou);
  const used = { a: new Set<number>(), b: new Set<number>() };
  return candidates.filter((pair) => {
    if (used.a.has(pair.a) || used.b.has(pair.b)) return false;
    used.a.add(pair.a);
    used.b.add(pair.b);
    return true;
  });
}

/** How well masks agree with others. */
export interface Agreement {
  /** Masks that were compared: matched pairs, and those that only one side has. */
  readonly matched: number;
  readonly missing: number;
  readonly extra: number;
  /** Sum of the IoU of matched pairs. */
  readonly iouSum: number;
}

/** @param truth the masks to agree with */
export function agreementOf(
  truth: readonly MaskRuns[],
  masks: readonly MaskRuns[],
  minIou: number,
): Agreement {
  const pairs = matchMasks(truth, masks, minIou);
  return {
    matched: pairs.length,
    missing: truth.length - pairs.length,
    extra: masks.length - pairs.length,
    iouSum: pairs.reduce((sum, { iou }) => sum + iou, 0),
  };
}

export function addAgreement(a: Agreement, b: Agreement): Agreement {
  return {
    matched: a.matched + b.matched,
    missing: a.missing + b.missing,
    extra: a.extra + b.extra,
    iouSum: a.iouSum + b.iouSum,
  };
}

export const NO_AGREEMENT: Agreement = { matched: 0, missing: 0, extra: 0, iouSum: 0 };

/**
 * Panoptic quality (Kirillov et al. 2019, equation 1): the mean IoU of matched masks, lowered by each missing
 * and each extra one.
 *
 * @returns 0 to 1; 1 if there is nothing on either side
 */
export function quality({ matched, missing, extra, iouSum }: Agreement): number {
  const total = matched + (missing + extra) / 2;
  return total === 0 ? 1 : iouSum / total;
}
