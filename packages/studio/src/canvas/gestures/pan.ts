/** Moving the image, by one pointer or two. */

import { panBy, type ScreenPoint, screenPoint, zoomAt } from "../view.js";
import { type Gesture, type GestureContext, NOTHING } from "./gesture.js";

/** @param start where the pointer was pressed */
export function panGesture({ studio, image, stage, show }: GestureContext, start: ScreenPoint): Gesture {
  let last = start;
  show({ kind: "pan" });
  return {
    move(passed) {
      const at = passed.at(-1)!;
      studio.set(({ view }) => ({ view: panBy(view, at[0] - last[0], at[1] - last[1], image, stage) }));
      last = at;
    },
    end: () => show(NOTHING),
    cancel: () => show(NOTHING),
  };
}

/** Two fingers: the image follows their middle, and its size their distance. */
export interface Pinch {
  move(first: ScreenPoint, second: ScreenPoint): void;
  end(): void;
}

export function beginPinch(
  { studio, image, stage, show }: GestureContext,
  first: ScreenPoint,
  second: ScreenPoint,
): Pinch {
  let last = spanOf(first, second);
  show({ kind: "pan" });
  return {
    move(a, b) {
      const span = spanOf(a, b);
      const { middle } = last;
      const factor = span.lengthPx / last.lengthPx;
      studio.set(({ view }) => {
        const pushed = panBy(view, span.middle[0] - middle[0], span.middle[1] - middle[1], image, stage);
        return { view: zoomAt(pushed, span.middle, factor, image, stage) };
      });
      last = span;
    },
    end: () => show(NOTHING),
  };
}

function spanOf([ax, ay]: ScreenPoint, [bx, by]: ScreenPoint): { middle: ScreenPoint; lengthPx: number } {
  // Fingers on one spot have no distance to compare with.
  const middle = screenPoint([(ax + bx) / 2, (ay + by) / 2]);
  return { middle, lengthPx: Math.max(1, Math.hypot(bx - ax, by - ay)) };
}
