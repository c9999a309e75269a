/** Points and a box beside words choose among the objects that the words describe. */
import { type BoxXyxy, boxIou, type MaskRuns, type Point } from "@segany/masks";
import type { GroundedObject } from "./grounding.js";

/** A box chooses an object whose own box overlaps it by at least this IoU. */
const MIN_BOX_IOU = 0.1;

/** The parts of a prompt that choose. */
export interface Choice {
  readonly pointCoords?: readonly Point[];
  readonly pointLabels?: readonly number[];
  readonly box?: BoxXyxy;
}

/**
 * Without points and a box all objects; otherwise the one they are on, since together with words they
 * describe one object, or none. An object has all points of label 1 in its mask, or in its box where it has
 * no mask. Of several, a box chooses the one whose box is most like it, and points the one with the best
 * score.
 *
 * @param objects the best first
 */
export function chooseObjects(
  objects: readonly GroundedObject[],
  { pointCoords = [], pointLabels = [], box }: Choice,
): readonly GroundedObject[] {
  if (pointCoords.length === 0 && !box) return objects;
  const on = pointCoords.filter((_, i) => pointLabels[i] === 1);
  const candidates = objects.filter((object) => on.every((point) => isOn(object, point)));
  if (!box) return candidates.slice(0, 1);
  const overlaps = candidates.map(({ boxXyxy }) => boxIou(boxXyxy, box));
  const most = Math.max(...overlaps);
  return most >= MIN_BOX_IOU ? [candidates[overlaps.indexOf(most)]!] : [];
}

function isOn({ boxXyxy: [x0, y0, x1, y1], mask }: GroundedObject, [x, y]: Point): boolean {
  if (mask) return hasPixel(mask, [x, y]);
  return x >= x0 && x <= x1 && y >= y0 && y <= y1;
}

function hasPixel({ width, height, counts }: MaskRuns, [x, y]: Point): boolean {
  const [column, row] = [Math.min(Math.floor(x), width - 1), Math.min(Math.floor(y), height - 1)];
  let left = column * height + row;
  const run = counts.findIndex((count) => {
    left -= count;
    return left < 0;
  });
  return run % 2 === 1;
}
