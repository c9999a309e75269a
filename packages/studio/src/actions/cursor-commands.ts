/** Pointing without a pointer: keys move a cursor over the image and use the tool that is in hand. */

import { type ImagePoint, imagePoint } from "@segany/masks";
import { applyStroke } from "../canvas/brush.js";
import { boxBetween, foundAt } from "../canvas/hit-testing.js";
import { clampToImage, isInsideImage, screenPoint, toImagePoint } from "../canvas/view.js";
import { addPoint, paintDraft, setBox } from "../state/draft-edits.js";
import { currentShape } from "../state/draft-queries.js";
import { foundMasks } from "../state/found-masks.js";
import { isReady, openDocument, openImage } from "../state/selectors.js";
import type { KeyCursor, StudioState, Tool } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { hasImage } from "./conditions.js";
import { keepFoundUnderCursor } from "./everything-commands.js";

/** How far an arrow key goes, CSS pixels of the stage. */
const STEP_PX = 16;

export const useToolAtCursor: Command = {
  id: "cursor.use-tool",
  name: "Use tool at cursor",
  group: "Prompt",
  shortcut: "U",
  enabled: (state) => isReady(state) && activeCursor(state) !== null && state.tool !== "pan",
  perform: applyTool,
};

export const removeAtCursor: Command = {
  id: "cursor.remove",
  name: "Take away at cursor",
  group: "Prompt",
  shortcut: "Shift+U",
  enabled: (state) => isReady(state) && activeCursor(state) !== null && state.tool === "click",
  perform: (studio) => addPointAtCursor(studio, 0),
};

export const CURSOR_COMMANDS: readonly Command[] = [
  useToolAtCursor,
  removeAtCursor,
  ...moves("left", "ArrowLeft", -1, 0),
  ...moves("right", "ArrowRight", 1, 0),
  ...moves("up", "ArrowUp", 0, -1),
  ...moves("down", "ArrowDown", 0, 1),
];

/** The cursor that keys move, unless a pointer has taken over since. */
export function activeCursor({ keyCursor, hover }: StudioState): KeyCursor | null {
  if (!keyCursor || !hover) return null;
  const isThere = keyCursor.at[0] === hover.at[0] && keyCursor.at[1] === hover.at[1];
  return isThere ? keyCursor : null;
}

function moves(direction: string, key: string, dx: number, dy: number): Command[] {
  const move = (id: string, name: string, shortcut: string, stepOf: (state: StudioState) => number) => ({
    id: `cursor.${id}`,
    name,
    group: "Prompt" as const,
    shortcut,
    repeats: true,
    enabled: hasImage,
    perform: (studio: Studio) =>
      moveCursor(studio, dx * stepOf(studio.getState()), dy * stepOf(studio.getState())),
  });
  return [
    move(direction, `Move cursor ${direction}`, key, ({ view }) => STEP_PX / view.scale),
    move(`${direction}-1`, `Move cursor ${direction} by one pixel`, `Shift+${key}`, () => 1),
  ];
}

/**
 * Moves the cursor by pixels of the image. It begins where the pointer was last, or in the middle of what is
 * seen.
 */
function moveCursor(studio: Studio, dx: number, dy: number): void {
  const state = studio.getState();
  const image = openImage(state);
  if (!image) return;
  const active = activeCursor(state);
  const from = active?.at ?? state.hover?.at ?? middleOfStage(state);
  const [x, y] = clampToImage(imagePoint([from[0] + dx, from[1] + dy]), image);
  // The far edges are no longer on the image.
  const at = imagePoint([Math.min(x, image.width - 0.5), Math.min(y, image.height - 0.5)]);
  if (!isInsideImage(at, image)) return;
  studio.set(() => ({ keyCursor: { at, boxCorner: active?.boxCorner ?? null } }));
  studio.hoverAt(at);
  const foundIndex = state.tool === "everything" ? foundAt(at, foundMasks(state)) : null;
  studio.set(({ hover }) => (hover ? { hover: { ...hover, foundIndex } } : {}));
}

function middleOfStage({ view, stageSize }: StudioState): ImagePoint {
  return toImagePoint(view, screenPoint([stageSize.width / 2, stageSize.height / 2]));
}

function applyTool(studio: Studio): void {
  const { tool, pointLabel } = studio.getState();
  const uses: Readonly<Record<Tool, () => void>> = {
    click: () => addPointAtCursor(studio, pointLabel),
    box: () => placeBoxCorner(studio),
    brush: () => paintAtCursor(studio, "add"),
    eraser: () => paintAtCursor(studio, "erase"),
    everything: () => keepFoundUnderCursor(studio),
    pan: () => undefined,
  };
  uses[tool]();
}

function addPointAtCursor(studio: Studio, label: 0 | 1): void {
  const cursor = activeCursor(studio.getState());
  if (!cursor) return;
  const name = label === 1 ? "Add point" : "Remove area";
  studio.edit(name, (document) => addPoint(document, cursor.at, label));
}

/** The first corner, then the box. */
function placeBoxCorner(studio: Studio): void {
  const cursor = activeCursor(studio.getState());
  if (!cursor) return;
  const { at, boxCorner } = cursor;
  studio.set(() => ({ keyCursor: { at, boxCorner: boxCorner ? null : at } }));
  if (!boxCorner || boxCorner[0] === at[0] || boxCorner[1] === at[1]) return;
  studio.edit("Set box", (document) => setBox(document, boxBetween(boxCorner, at)));
}

function paintAtCursor(studio: Studio, mode: "add" | "erase"): void {
  const state = studio.getState();
  const image = openImage(state);
  const cursor = activeCursor(state);
  if (!image || !cursor) return;
  const stroke = { points: [cursor.at], diameterPx: state.preferences.brushSizePx };
  const shape = applyStroke(currentShape(openDocument(state).draft), stroke, mode, image);
  studio.edit(mode === "add" ? "Paint" : "Erase", (document) => paintDraft(document, shape));
}
