/** Pointer, wheel and key events of the stage, sent to gestures. */

import { GestureDispatch, type GestureOptions } from "./gesture-dispatch.js";

/** Listens on an element that covers the stage. @returns a function that stops listening */
export function listenToGestures(element: HTMLElement, options: GestureOptions): () => void {
  const gestures = new GestureDispatch(element, options);
  const listening = new AbortController();
  const { signal } = listening;
  const release = (event: PointerEvent) => gestures.release(event);
  element.addEventListener("pointerdown", (event) => gestures.press(event), { signal });
  element.addEventListener("pointermove", (event) => gestures.move(event), { signal });
  element.addEventListener("pointerup", release, { signal });
  element.addEventListener("pointercancel", release, { signal });
  element.addEventListener("pointerleave", (event) => gestures.leave(event), { signal });
  element.addEventListener("wheel", (event) => gestures.wheel(event), { signal, passive: false });
  element.addEventListener("dblclick", () => gestures.fit(), { signal });
  element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  window.addEventListener("keydown", (event) => gestures.keyDown(event), { signal, capture: true });
  window.addEventListener("keyup", (event) => gestures.keyUp(event), { signal });
  return () => {
    gestures.cancel();
    listening.abort();
  };
}
