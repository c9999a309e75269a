/** Decides which gesture an event of the stage belongs to. */

import { openImage } from "../../state/selectors.js";
import type { Studio } from "../../studio.js";
import { type Doing, POINTING_AT_NOTHING, type Pointing } from "../pointing.js";
import { fitView, type ScreenPoint } from "../view.js";
import { beginGesture } from "./begin-gesture.js";
import { passedPlaces, placeOf, sampleOf } from "./event-places.js";
import { type Gesture, type GestureContext, NOTHING } from "./gesture.js";
import { cursorOf, hoverOver } from "./hover.js";
import { beginPinch, type Pinch } from "./pan.js";
import { createRepeatTeller } from "./repeat-press.js";
import { turnWheel } from "./wheel.js";

export interface GestureOptions {
  readonly studio: Studio;
  /** Called with all that the overlay shows of the pointer. */
  readonly onPointing: (pointing: Pointing) => void;
}

/** One gesture at a time: the pressed pointer's, or a pinch of two fingers. */
export class GestureDispatch {
  readonly #element: HTMLElement;
  readonly #studio: Studio;
  readonly #onPointing: GestureOptions["onPointing"];
  readonly #isRepeat = createRepeatTeller();
  /** Where each finger is. */
  readonly #fingers = new Map<number, ScreenPoint>();
  #pointing = POINTING_AT_NOTHING;
  #pressed: { readonly pointerId: number; readonly gesture: Gesture } | null = null;
  #pinch: Pinch | null = null;
  #spaceIsDown = false;

  /** @param element covers the stage */
  constructor(element: HTMLElement, { studio, onPointing }: GestureOptions) {
    this.#element = element;
    this.#studio = studio;
    this.#onPointing = onPointing;
  }

  /** A button or finger went down. */
  press(event: PointerEvent): void {
    const context = this.#contextNow();
    if (!context || event.button > 2) return;
    this.#element.setPointerCapture(event.pointerId);
    const sample = sampleOf(event, this.#element, this.#isRepeat);
    if (event.pointerType === "touch") {
      this.#fingers.set(event.pointerId, sample.at);
      if (this.#fingers.size === 2) this.#startPinch(context);
    }
    if (this.#pressed || this.#pinch) return;
    this.#pressed = { pointerId: event.pointerId, gesture: beginGesture(context, sample, this.#spaceIsDown) };
  }

  move(event: PointerEvent): void {
    const at = placeOf(event, this.#element);
    if (this.#fingers.has(event.pointerId)) this.#fingers.set(event.pointerId, at);
    if (this.#pinch) {
      const [first, second] = [...this.#fingers.values()];
      if (first && second) this.#pinch.move(first, second);
    } else if (this.#pressed?.pointerId === event.pointerId) {
      if (event.pointerType !== "touch") this.#pointing = { ...this.#pointing, cursor: at };
      this.#pressed.gesture.move(passedPlaces(event, this.#element));
    } else if (!this.#pressed && event.pointerType !== "touch") {
      const context = this.#contextNow();
      if (context) this.#point(hoverOver(context, at));
    }
  }

  release(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (this.#pinch && this.#fingers.size < 2) {
      this.#pinch.end();
      this.#pinch = null;
    }
    if (this.#pressed?.pointerId !== event.pointerId) return;
    const { gesture } = this.#pressed;
    this.#pressed = null;
    if (event.type === "pointercancel") gesture.cancel();
    else gesture.end();
    const context = this.#contextNow();
    if (context && event.pointerType !== "touch")
      this.#point(hoverOver(context, placeOf(event, this.#element)));
  }

  leave(event: PointerEvent): void {
    if (this.#pressed || event.pointerType === "touch") return;
    this.#studio.hoverAt(null);
    this.#point({ ...POINTING_AT_NOTHING });
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const context = this.#contextNow();
    if (!context) return;
    const { deltaX, deltaY, deltaMode, ctrlKey, shiftKey, altKey } = event;
    const at = placeOf(event, this.#element);
    turnWheel(context, { at, deltaX, deltaY, deltaMode, ctrlKey, shiftKey, altKey });
    if (!this.#pressed) this.#point(hoverOver(this.#contextNow()!, at));
  }

  /** Zooms so that the whole image is visible. */
  fit(): void {
    const context = this.#contextNow();
    const { tool } = this.#studio.getState();
    // With other tools a click is a point of the image, which must not move under it.
    if (!context || (tool !== "pan" && tool !== "everything")) return;
    this.#studio.set(() => ({ view: fitView(context.image, context.stage) }));
  }

  keyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#pressed) {
      this.#pressed.gesture.cancel();
      this.#pressed = null;
      event.stopImmediatePropagation();
      this.#point({ ...this.#pointing, doing: NOTHING });
    }
    if (event.code !== "Space" || !isFree(event.target, this.#element)) return;
    event.preventDefault();
    if (this.#spaceIsDown) return;
    this.#spaceIsDown = true;
    this.#point({ ...this.#pointing });
  }

  keyUp(event: KeyboardEvent): void {
    if (event.code !== "Space" || !this.#spaceIsDown) return;
    this.#spaceIsDown = false;
    this.#point({ ...this.#pointing });
  }

  /** Ends the gesture in progress without a change. */
  cancel(): void {
    this.#pressed?.gesture.cancel();
  }

  #startPinch(context: GestureContext): void {
    this.#pressed?.gesture.cancel();
    this.#pressed = null;
    const [first, second] = [...this.#fingers.values()];
    this.#pinch = beginPinch({ ...context, pointing: this.#pointing }, first!, second!);
  }

  #point(changed: Pointing): void {
    this.#pointing = changed;
    this.#onPointing(this.#pointing);
    const context = this.#contextNow();
    this.#element.style.cursor = context ? cursorOf(context, this.#spaceIsDown) : "default";
  }

  /** Null while no image is open. */
  #contextNow(): GestureContext | null {
    const state = this.#studio.getState();
    const image = openImage(state);
    const show = (doing: Doing) => this.#point({ ...this.#pointing, doing });
    return image && { studio: this.#studio, image, stage: state.stageSize, pointing: this.#pointing, show };
  }
}

/** Whether a key pressed there is meant for nothing else than the stage. */
function isFree(target: EventTarget | null, element: HTMLElement): boolean {
  return target === document.body || (target instanceof Node && element.contains(target));
}
