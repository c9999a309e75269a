/** What a press of a pointer becomes, until it is released. */

import type { Size } from "@segany/masks";
import type { Studio } from "../../studio.js";
import type { Doing, Pointing } from "../pointing.js";
import type { ScreenPoint } from "../view.js";

/** A pointer's place and what goes with it. */
export interface PointerSample {
  readonly at: ScreenPoint;
  readonly pointerType: "mouse" | "pen" | "touch";
  /** As `PointerEvent.button` when it was pressed: 0 main, 1 middle, 2 right. */
  readonly button: number;
  readonly shiftKey: boolean;
  /** Control, or Command on a Mac. */
  readonly modKey: boolean;
  /** Pressed again at once where it was pressed before: the second half of a double click. */
  readonly isRepeat: boolean;
}

/** One press, from down to up. */
export interface Gesture {
  /** @param passed places since the last call, the newest last; at least one */
  move(passed: readonly ScreenPoint[]): void;
  /** The pointer was released where it was last. */
  end(): void;
  /** Takes back what was done: another finger came, or Escape. */
  cancel(): void;
}

/** What gestures work with, made anew for each: the image that is open, and the stage. */
export interface GestureContext {
  readonly studio: Studio;
  /** Pixels of the image. */
  readonly image: Size;
  /** CSS pixels. */
  readonly stage: Size;
  readonly pointing: Pointing;
  /** Shows what is being dragged. */
  readonly show: (doing: Doing) => void;
}

/** So far a pointer may slip and it is still a click, CSS pixels. */
export function clickSlackPx({ pointerType }: Pick<PointerSample, "pointerType">): number {
  return pointerType === "mouse" ? 4 : 10;
}

/** So near is on a handle, CSS pixels. */
export function reachPx({ pointerType }: Pick<PointerSample, "pointerType">): number {
  return pointerType === "touch" ? 20 : 11;
}

export const NOTHING: Doing = { kind: "nothing" };
