import { iouOfRuns, type MaskRuns } from "@segany/masks";
import type { Random } from "@segany/training";
import { shareInterval } from "../stages/share-interval.js";
import type { SimulatedImage } from "./project-work.js";
import type { AuditResult } from "./simulate-options.js";

/**
 * Draws masks at random and compares each with its correction: the object of the truth that it overlaps most
 * (paper, section 4: pairs of automatic and professionally corrected masks).
 */
export function auditMasks(
  found: readonly { readonly image: SimulatedImage; readonly mask: MaskRuns }[],
  most: number,
  random: Random,
): AuditResult {
  const left = [...found];
  const ious: number[] = [];
  while (left.length > 0 && ious.length < most) {
    const [{ image, mask }] = left.splice(random.below(left.length), 1) as [(typeof left)[number]];
    const truths = image.sample.masks.map((each) => each.runs());
    ious.push(Math.max(0, ...iouOfRuns([mask], truths)));
  }
  const from = (least: number) => ious.filter((iou) => iou > least).length;
  const share = (least: number) => (ious.length === 0 ? 0 : from(least) / ious.length);
  return {
    ...{ "share@75": share(0.75), "share@90": share(0.9), n: ious.length },
    interval75: shareInterval(from(0.75), ious.length),
    interval90: shareInterval(from(0.9), ious.length),
  };
}
