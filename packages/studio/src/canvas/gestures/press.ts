/** A click, unless the pointer is dragged: then it is something else from there on. */

import type { ScreenPoint } from "../view.js";
import { clickSlackPx, type Gesture, type PointerSample } from "./gesture.js";

export interface PressOptions {
  /** What a press does that is released where it was. */
  readonly click: () => void;
  /** What a press becomes that is dragged; null when dragging means nothing. */
  readonly drag: (() => Gesture) | null;
}

export function pressGesture(sample: PointerSample, { click, drag }: PressOptions): Gesture {
  const slackPx = clickSlackPx(sample);
  const [startX, startY] = sample.at;
  let dragging: Gesture | null = null;
  let isSlipped = false;
  const slips = ([x, y]: ScreenPoint) => Math.hypot(x - startX, y - startY) > slackPx;
  return {
    move(passed) {
      if (!isSlipped && passed.some(slips)) {
        isSlipped = true;
        dragging = drag?.() ?? null;
      }
      dragging?.move(passed);
    },
    end() {
      if (dragging) dragging.end();
      else if (!isSlipped) click();
    },
    cancel: () => dragging?.cancel(),
  };
}
