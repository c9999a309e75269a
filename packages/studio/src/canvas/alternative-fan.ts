/** The masks that one click can mean, as cards beside it: a stack that opens into a fan under the cursor. */

import { type BoxXywh, imagePoint, type Size } from "@segany/masks";
import type { Alternative, Draft } from "../state/document.js";
import type { View } from "../state/types.js";
import { type ScreenPoint, toScreenPoint } from "./view.js";

/** Side of a card, CSS pixels. */
export const CARD_PX = 64;

/** How far the cards of a closed stack stand out from each other, CSS pixels. */
const STACKED_PX = 7;
const GAP_PX = 8;
/** From the place that was clicked to the nearest card, CSS pixels. */
const DISTANCE_PX = 20;
/** From the stage's edges, CSS pixels. */
const MARGIN_PX = 8;

/**
 * The cards of a draft, beside its last point or at its box's upper right corner; none when there is no
 * choice.
 */
export function fanOfDraft(draft: Draft, view: View, stage: Size, isOpen: boolean): BoxXywh[] {
  const { points, boxXyxy, alternatives, painted } = draft;
  const anchor = points.at(-1)?.at ?? (boxXyxy && imagePoint([boxXyxy[2], boxXyxy[1]]));
  if (!anchor || painted || !alternatives || alternatives.length < 2) return [];
  return layOutFan(toScreenPoint(view, anchor), stage, alternatives.length, isOpen);
}

/**
 * The cards' places, CSS pixels of the stage; the first alternative lies on top of a closed stack.
 *
 * @param anchor the place that was clicked
 */
export function layOutFan(anchor: ScreenPoint, stage: Size, count: number, isOpen: boolean): BoxXywh[] {
  const step = isOpen ? CARD_PX + GAP_PX : STACKED_PX;
  const openWidth = count * (CARD_PX + GAP_PX);
  const goesLeft = anchor[0] + DISTANCE_PX + openWidth + MARGIN_PX > stage.width;
  const goesDown = anchor[1] - DISTANCE_PX - CARD_PX < MARGIN_PX;
  const x = goesLeft ? anchor[0] - DISTANCE_PX - CARD_PX : anchor[0] + DISTANCE_PX;
  const y = goesDown ? anchor[1] + DISTANCE_PX : anchor[1] - DISTANCE_PX - CARD_PX;
  const sign = goesLeft ? -1 : 1;
  return Array.from({ length: count }, (_, i) => [
    Math.round(x + sign * i * step),
    Math.round(y - (isOpen ? 0 : i * STACKED_PX * 0.5)),
    CARD_PX,
    CARD_PX,
  ]);
}

/** The uppermost card at a place, or null. */
export function cardAt([x, y]: ScreenPoint, cards: readonly BoxXywh[]): number | null {
  const index = cards.findIndex(
    ([left, top, width, height]) => x >= left && y >= top && x < left + width && y < top + height,
  );
  return index < 0 ? null : index;
}

/** Whether a place is on the cards or in the gaps between them. */
export function isOverFan([x, y]: ScreenPoint, cards: readonly BoxXywh[]): boolean {
  const lefts = cards.map(([left]) => left);
  const tops = cards.map(([, top]) => top);
  return (
    x >= Math.min(...lefts) &&
    x < Math.max(...lefts) + CARD_PX &&
    y >= Math.min(...tops) &&
    y < Math.max(...tops) + CARD_PX
  );
}

/**
 * The square of the image that all cards show: every alternative with some room around, pixels of the image.
 */
export function fanSquare(alternatives: readonly Alternative[]): BoxXywh {
  const boxes = alternatives.map(({ boxXywh }) => boxXywh).filter(([, , width]) => width > 0);
  const x0 = Math.min(...boxes.map(([x]) => x));
  const y0 = Math.min(...boxes.map(([, y]) => y));
  const x1 = Math.max(...boxes.map(([x, , width]) => x + width));
  const y1 = Math.max(...boxes.map(([, y, , height]) => y + height));
  const side = Math.max(1, x1 - x0, y1 - y0) * 1.15;
  return [(x0 + x1 - side) / 2, (y0 + y1 - side) / 2, side, side];
}
