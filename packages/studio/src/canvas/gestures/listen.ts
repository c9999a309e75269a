/** Pointer, wheel and key events of the stage, told to gestures. */

import { openPicture } from "../../state/selectors.js";
import type { Studio } from "../../studio.js";
import { type Doing, POINTING_AT_NOTHING, type Pointing } from "../pointing.js";
import { fitView, type ScreenPoint, screenPoint } from "../view.js";
import { beginGesture } from "./begin-gesture.js";
import { type Gesture, type GestureContext, NOTHING, type PointerSample } from "./gesture.js";
import { cursorOf, hoverOver } from "./hover.js";
import { beginPinch, type Pinch } from "./pan.js";
import { createRepeatTeller, type RepeatTeller } from "./repeat-press.js";
import { turnWheel } from "./wheel.js";

export interface GestureOptions {
  readonly studio: Studio;
  /** Hears of all that the overlay shows of the pointer. */
  readonly onPointing: (pointing: Pointing) => void;
}

/** Listens on an element that covers the stage. @returns what ends it */
export function listenToGestures(element: HTMLElement, { studio, onPointing }: GestureOptions): () => void {
  let pointing = POINTING_AT_NOTHING;
  let pressed: { readonly pointerId: number; readonly gesture: Gesture } | null = null;
  let pinch: Pinch | null = null;
  let spaceIsDown = false;
  const isRepeat = createRepeatTeller();
  /** Where each finger is. */
  const fingers = new Map<number, ScreenPoint>();
  const listening = new AbortController();

  function point(changed: Pointing): void {
    pointing = changed;
    onPointing(pointing);
    const context = contextNow();
    element.style.cursor = context ? cursorOf(context, spaceIsDown) : "default";
  }

  /** Null while no picture is open: there is nothing to gesture at. */
  function contextNow(): GestureContext | null {
    const state = studio.getState();
    const image = openPicture(state);
    const show = (doing: Doing) => point({ ...pointing, doing });
    return image && { studio, image, stage: state.stageSize, pointing, show };
  }

  function press(event: PointerEvent): void {
    const context = contextNow();
    if (!context || event.button > 2) return;
    element.setPointerCapture(event.pointerId);
    const sample = sampleOf(event, element, isRepeat);
    if (event.pointerType === "touch") {
      fingers.set(event.pointerId, sample.at);
      if (fingers.size === 2) startPinch(context);
    }
    if (pressed || pinch) return;
    pressed = { pointerId: event.pointerId, gesture: beginGesture(context, sample, spaceIsDown) };
  }

  function startPinch(context: GestureContext): void {
    pressed?.gesture.cancel();
    pressed = null;
    const [first, second] = [...fingers.values()];
    pinch = beginPinch({ ...context, pointing }, first!, second!);
  }

  function move(event: PointerEvent): void {
    const at = placeOf(event, element);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
    if (pinch) {
      const [first, second] = [...fingers.values()];
      if (first && second) pinch.move(first, second);
    } else if (pressed?.pointerId === event.pointerId) {
      if (event.pointerType !== "touch") pointing = { ...pointing, cursor: at };
      pressed.gesture.move(passedPlaces(event, element));
    } else if (!pressed && event.pointerType !== "touch") {
      const context = contextNow();
      if (context) point(hoverOver(context, at));
    }
  }

  function release(event: PointerEvent): void {
    fingers.delete(event.pointerId);
    if (pinch && fingers.size < 2) {
      pinch.end();
      pinch = null;
    }
    if (pressed?.pointerId !== event.pointerId) return;
    const { gesture } = pressed;
    pressed = null;
    if (event.type === "pointercancel") gesture.cancel();
    else gesture.end();
    const context = contextNow();
    if (context && event.pointerType !== "touch") point(hoverOver(context, placeOf(event, element)));
  }

  function leave(event: PointerEvent): void {
    if (pressed || event.pointerType === "touch") return;
    studio.hoverAt(null);
    point({ ...POINTING_AT_NOTHING });
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const context = contextNow();
    if (!context) return;
    const { deltaX, deltaY, deltaMode, ctrlKey, shiftKey, altKey } = event;
    const at = placeOf(event, element);
    turnWheel(context, { at, deltaX, deltaY, deltaMode, ctrlKey, shiftKey, altKey });
    if (!pressed) point(hoverOver(contextNow()!, at));
  }

  function fit(): void {
    const context = contextNow();
    const { tool } = studio.getState();
    // With other tools a click means a place of the picture, which must not jump away under it.
    if (!context || (tool !== "pan" && tool !== "everything")) return;
    studio.set(() => ({ view: fitView(context.image, context.stage) }));
  }

  function keyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && pressed) {
      pressed.gesture.cancel();
      pressed = null;
      event.stopImmediatePropagation();
      point({ ...pointing, doing: NOTHING });
    }
    if (event.code !== "Space" || !isFree(event.target, element)) return;
    event.preventDefault();
    if (spaceIsDown) return;
    spaceIsDown = true;
    point({ ...pointing });
  }

  function keyUp(event: KeyboardEvent): void {
    if (event.code !== "Space" || !spaceIsDown) return;
    spaceIsDown = false;
    point({ ...pointing });
  }

  const { signal } = listening;
  element.addEventListener("pointerdown", press, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", release, { signal });
  element.addEventListener("pointercancel", release, { signal });
  element.addEventListener("pointerleave", leave, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
  element.addEventListener("dblclick", fit, { signal });
  element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  window.addEventListener("keydown", keyDown, { signal, capture: true });
  window.addEventListener("keyup", keyUp, { signal });
  return () => {
    pressed?.gesture.cancel();
    listening.abort();
  };
}

/** Whether a key pressed there is meant for nothing else than the stage. */
function isFree(target: EventTarget | null, element: HTMLElement): boolean {
  return target === document.body || (target instanceof Node && element.contains(target));
}

function placeOf(event: MouseEvent, element: HTMLElement): ScreenPoint {
  const { left, top } = element.getBoundingClientRect();
  return screenPoint([event.clientX - left, event.clientY - top]);
}

function sampleOf(event: PointerEvent, element: HTMLElement, isRepeat: RepeatTeller): PointerSample {
  const { button, shiftKey } = event;
  const pointerType =
    event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse";
  const press = { at: placeOf(event, element), pointerType, button, timeMs: event.timeStamp } as const;
  return { at: press.at, pointerType, button, shiftKey, isRepeat: isRepeat(press) };
}

/** All places since the last event: a fast stroke is as round as the hand drew it. */
function passedPlaces(event: PointerEvent, element: HTMLElement): ScreenPoint[] {
  const events = event.getCoalescedEvents();
  return (events.length > 0 ? events : [event]).map((each) => placeOf(each, element));
}
