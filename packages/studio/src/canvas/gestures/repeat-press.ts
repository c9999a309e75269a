/** Tells the second half of a double click, which pointer events don't count. */

import { clickSlackPx, type PointerSample } from "./gesture.js";

/** Presses of a double click follow each other within this, as is the custom of desktops. */
const DOUBLE_CLICK_MS = 500;

/** A press of a pointer at a time of the page's clock. */
export type TimedPress = Pick<PointerSample, "at" | "pointerType" | "button"> & { readonly timeMs: number };

/**
 * Whether a press repeats the one before: same pointer and button, same place, at once. To be told of every
 * press.
 */
export type RepeatTeller = (press: TimedPress) => boolean;

export function createRepeatTeller(): RepeatTeller {
  let last: TimedPress | null = null;
  return (press) => {
    const before = last;
    last = press;
    return (
      before !== null &&
      before.pointerType === press.pointerType &&
      before.button === press.button &&
      press.timeMs - before.timeMs <= DOUBLE_CLICK_MS &&
      Math.hypot(press.at[0] - before.at[0], press.at[1] - before.at[1]) <= clickSlackPx(press)
    );
  };
}
