/** What the cursor is on while nothing is dragged, and which cursor says so. */

import type { ImagePoint } from "@segany/masks";
import { openDocument } from "../../state/selectors.js";
import type { StudioState } from "../../state/types.js";
import { cardAt, isOverFan } from "../alternative-fan.js";
import { type BoxHandle, boxHandleAt, foundAt, objectAt } from "../hit-testing.js";
import { CLOSED_FAN, type Pointing } from "../pointing.js";
import { shownFoundMasks } from "../scene.js";
import { isInsideImage, type ScreenPoint, toImagePoint } from "../view.js";
import { cardsOf, pointUnder } from "./begin-gesture.js";
import { type GestureContext, reachPx } from "./gesture.js";

/** Says what a mouse or pen is on: marks first, then masks, then what a click would make. */
export function hoverOver(context: GestureContext, cursor: ScreenPoint): Pointing {
  const { studio, image, pointing } = context;
  const state = studio.getState();
  const isPrompting = state.tool === "click" || state.tool === "box";
  const fan = isPrompting ? fanUnder(context, cursor) : CLOSED_FAN;
  const point = isPrompting && !fan.isOpen ? pointUnder(context, { at: cursor, pointerType: "mouse" }) : null;
  const at = toImagePoint(state.view, cursor);
  const asksModel = isPrompting && !fan.isOpen && !point;
  studio.hoverAt(isInsideImage(at, image) && !fan.isOpen && !point ? at : null);
  studio.set(({ hover }) => (hover ? { hover: { ...hover, ...masksUnder(state, at, asksModel) } } : {}));
  return { ...pointing, cursor, pointId: point?.id ?? null, fan };
}

/** The cards open under the cursor, and stay so until it has left them all. */
function fanUnder(context: GestureContext, cursor: ScreenPoint): Pointing["fan"] {
  const isOpen = context.pointing.fan.isOpen;
  const cards = cardsOf(context, isOpen);
  if (cards.length === 0 || !isOverFan(cursor, cards)) return CLOSED_FAN;
  return { isOpen: true, card: cardAt(cursor, cardsOf(context, true)) };
}

/** Kept and found masks light up where they can be clicked: a prompt does not care for them. */
function masksUnder(state: StudioState, at: ImagePoint, asksModel: boolean) {
  if (asksModel) return { objectId: null, foundIndex: null };
  const foundIndex = foundAt(at, shownFoundMasks(state));
  const isSelecting = state.tool === "pan" || state.tool === "eraser";
  const object = isSelecting ? objectAt(at, openDocument(state).objects) : null;
  return { objectId: object?.id ?? null, foundIndex };
}

/** The CSS cursor for what the pointer is on. */
export function cursorOf(context: GestureContext, wantsPan: boolean): string {
  const { studio, pointing } = context;
  const { tool } = studio.getState();
  if (pointing.doing.kind === "pan") return "grabbing";
  if (wantsPan) return "grab";
  if (pointing.fan.isOpen) return "pointer";
  if (pointing.pointId !== null) return "pointer";
  switch (tool) {
    case "click":
    case "box":
      return boxCursor(context) ?? "crosshair";
    case "brush":
    case "eraser":
      return "none";
    case "everything":
      return studio.getState().hover?.foundIndex == null ? "default" : "pointer";
    case "pan":
      return "grab";
  }
}

function boxCursor({ studio, pointing }: GestureContext): string | null {
  const state = studio.getState();
  const { boxXyxy } = openDocument(state).draft;
  if (!boxXyxy || !pointing.cursor) return null;
  const handle = boxHandleAt(pointing.cursor, boxXyxy, state.view, reachPx({ pointerType: "mouse" }) / 2);
  return handle && handleCursor(handle);
}

function handleCursor({ x, y }: BoxHandle): string {
  if (x === null) return "ns-resize";
  if (y === null) return "ew-resize";
  return (x === 0) === (y === 1) ? "nwse-resize" : "nesw-resize";
}
