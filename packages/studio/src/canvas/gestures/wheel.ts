/** The mouse wheel and what trackpads say with it. */

import { chooseAlternative } from "../../state/draft-edits.js";
import { openDocument } from "../../state/selectors.js";
import { panBy, type ScreenPoint, wheelFactor, zoomAt } from "../view.js";
import type { GestureContext } from "./gesture.js";

/** Lines and pages as CSS pixels, for wheels that count in them (`WheelEvent.deltaMode`). */
const PIXELS_OF_DELTA_MODE = [1, 33, 800] as const;

export interface WheelTurn {
  readonly at: ScreenPoint;
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
  /** A pinch on a trackpad comes as a wheel with Control. */
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/**
 * Over the alternatives' cards, or with Alt, the next alternative; with Shift sideways; otherwise zoom at the
 * cursor.
 */
export function turnWheel({ studio, image, stage, pointing }: GestureContext, turn: WheelTurn): void {
  const pixels = PIXELS_OF_DELTA_MODE[turn.deltaMode as 0 | 1 | 2] ?? 1;
  const deltaX = turn.deltaX * pixels;
  const deltaY = turn.deltaY * pixels;
  if (pointing.fan.isOpen || turn.altKey) {
    const { draft } = openDocument(studio.getState());
    const next = draft.chosen + Math.sign(deltaY || deltaX);
    studio.edit("Choose mask", (document) => chooseAlternative(document, next));
    return;
  }
  // Browsers turn a wheel sideways themselves when Shift is down, not all of them.
  if (turn.shiftKey) {
    studio.set(({ view }) => ({ view: panBy(view, -(deltaX || deltaY), 0, image, stage) }));
    return;
  }
  const factor = wheelFactor(deltaY, turn.ctrlKey);
  studio.set(({ view }) => ({ view: zoomAt(view, turn.at, factor, image, stage) }));
}
