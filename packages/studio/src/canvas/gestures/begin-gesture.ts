/** What a press means: by the button, what lies under the pointer, and the tool in hand. */

import type { BoxXywh } from "@segany/masks";
import type { PromptPoint } from "../../state/document.js";
import { addPoint, chooseAlternative, removePoint } from "../../state/draft-edits.js";
import { addObjects } from "../../state/edits.js";
import { newObjectOfFound } from "../../state/found-masks.js";
import { select } from "../../state/select.js";
import { openDocument } from "../../state/selectors.js";
import { cardAt, fanOfDraft } from "../alternative-fan.js";
import { boxHandleAt, foundAt, objectAt, pointAt } from "../hit-testing.js";
import { shownFoundMasks } from "../scene.js";
import { isInsideImage, type ScreenPoint, toImagePoint } from "../view.js";
import { type Gesture, type GestureContext, type PointerSample, reachPx } from "./gesture.js";
import { paintGesture } from "./paint.js";
import { panGesture } from "./pan.js";
import { pressGesture } from "./press.js";
import { dragHandle, dragPoint, drawBoxGesture } from "./prompt-drags.js";

/** @param wantsPan the key that moves the image with any tool is down */
export function beginGesture(context: GestureContext, sample: PointerSample, wantsPan: boolean): Gesture {
  const { tool } = context.studio.getState();
  if (sample.button === 1 || (sample.button === 0 && wantsPan)) return panGesture(context, sample.at);
  if (tool === "click" || tool === "box") {
    const onMark = onCard(context, sample) ?? onPoint(context, sample) ?? onBoxHandle(context, sample);
    if (onMark) return onMark;
  }
  const panning = () => panGesture(context, sample.at);
  switch (tool) {
    case "click":
      return pressGesture(sample, { click: () => clickPoint(context, sample), drag: panning });
    case "box":
      return pressGesture(sample, {
        click: () => clickPoint(context, sample),
        drag: sample.button === 0 ? () => drawBoxGesture(context, sample.at) : null,
      });
    case "brush":
      return paintGesture(context, sample.at, isTakingAway(sample) ? "erase" : "add");
    case "eraser":
      return paintGesture(context, sample.at, isTakingAway(sample) ? "add" : "erase");
    case "everything":
      return pressGesture(sample, { click: () => keepFound(context, sample.at), drag: panning });
    case "pan":
      return pressGesture(sample, { click: () => selectObject(context, sample), drag: panning });
  }
}

/** The right button, or Shift: not this, or the other of brush and eraser. */
function isTakingAway({ button, shiftKey }: PointerSample): boolean {
  return button === 2 || shiftKey;
}

function onCard(context: GestureContext, sample: PointerSample): Gesture | null {
  const card = cardAt(sample.at, cardsOf(context, context.pointing.fan.isOpen));
  if (card === null) return null;
  const choose = () => context.studio.edit("Choose mask", (document) => chooseAlternative(document, card));
  return pressGesture(sample, { click: choose, drag: null });
}

/** The alternatives' cards as they are drawn. */
export function cardsOf({ studio, stage }: GestureContext, isOpen: boolean): BoxXywh[] {
  const state = studio.getState();
  return fanOfDraft(openDocument(state).draft, state.view, stage, isOpen);
}

/** The prompt point that can be taken hold of at a place. */
export function pointUnder(
  { studio }: GestureContext,
  { at, pointerType }: Pick<PointerSample, "at" | "pointerType">,
): PromptPoint | null {
  const state = studio.getState();
  return pointAt(at, openDocument(state).draft.points, state.view, reachPx({ pointerType }));
}

function onPoint(context: GestureContext, sample: PointerSample): Gesture | null {
  const point = pointUnder(context, sample);
  if (!point) return null;
  const remove = () => context.studio.edit("Delete point", (document) => removePoint(document, point.id));
  return pressGesture(sample, {
    // The second half of a double click would take away what the first half has set.
    click: sample.isRepeat ? () => undefined : remove,
    drag: sample.button === 0 ? () => dragPoint(context, point.id) : null,
  });
}

function onBoxHandle(context: GestureContext, sample: PointerSample): Gesture | null {
  const state = context.studio.getState();
  const { boxXyxy } = openDocument(state).draft;
  if (!boxXyxy || sample.button !== 0) return null;
  const handle = boxHandleAt(sample.at, boxXyxy, state.view, reachPx(sample) / 2);
  if (!handle) return null;
  return pressGesture(sample, {
    click: () => clickPoint(context, sample),
    drag: () => dragHandle(context, boxXyxy, handle),
  });
}

/** A double click is one click: it leaves one point and one step of undo. */
function clickPoint({ studio, image }: GestureContext, sample: PointerSample): void {
  if (sample.isRepeat) return;
  const { view, pointLabel } = studio.getState();
  const at = toImagePoint(view, sample.at);
  if (!isInsideImage(at, image)) return;
  const label = isTakingAway(sample) ? 0 : pointLabel;
  studio.edit(label === 1 ? "Add point" : "Remove area", (document) => addPoint(document, at, label));
}

/** The found mask under the pointer becomes an object, once. */
function keepFound({ studio }: GestureContext, at: ScreenPoint): void {
  const state = studio.getState();
  const found = shownFoundMasks(state);
  const index = foundAt(toImagePoint(state.view, at), found);
  const record = index === null ? undefined : found[index];
  const isKept = openDocument(state).objects.some(
    ({ segmentation }) => segmentation === record?.segmentation,
  );
  if (!record || isKept) return;
  studio.edit("Keep mask", (document) => addObjects(document, [newObjectOfFound(record, state)]));
}

/** With Shift or Control one more, or one less. */
function selectObject({ studio }: GestureContext, { at, shiftKey, modKey }: PointerSample): void {
  const state = studio.getState();
  const object = objectAt(toImagePoint(state.view, at), openDocument(state).objects);
  studio.set(() => select(state, object?.id ?? null, shiftKey || modKey ? "toggle" : "only"));
}
