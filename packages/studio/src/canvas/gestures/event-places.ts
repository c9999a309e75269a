/** Pointer events as what gestures take: places on the stage. */

import { type ScreenPoint, screenPoint } from "../view.js";
import type { PointerSample } from "./gesture.js";
import type { RepeatTeller } from "./repeat-press.js";

/** Where an event is on the stage. */
export function placeOf(event: MouseEvent, stage: HTMLElement): ScreenPoint {
  const { left, top } = stage.getBoundingClientRect();
  return screenPoint([event.clientX - left, event.clientY - top]);
}

/** All places since the last event: a fast stroke is as round as the hand drew it. */
export function passedPlaces(event: PointerEvent, stage: HTMLElement): ScreenPoint[] {
  const events = event.getCoalescedEvents();
  return (events.length > 0 ? events : [event]).map((each) => placeOf(each, stage));
}

/** A press with all that gestures ask of it. To be called for every press, since `isRepeat` counts them. */
export function sampleOf(event: PointerEvent, stage: HTMLElement, isRepeat: RepeatTeller): PointerSample {
  const { button, shiftKey, ctrlKey, metaKey } = event;
  const pointerType =
    event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse";
  const press = { at: placeOf(event, stage), pointerType, button, timeMs: event.timeStamp } as const;
  const modKey = ctrlKey || metaKey;
  return { at: press.at, pointerType, button, shiftKey, modKey, isRepeat: isRepeat(press) };
}
