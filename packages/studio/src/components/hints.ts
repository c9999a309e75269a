/** What can be done next, in one line. */

import { activeCursor } from "../actions/cursor-commands.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import { isReady, openDocument, openImage } from "../state/selectors.js";
import type { Everything, StudioState } from "../state/types.js";

export function hintFor(state: StudioState, isTouch: boolean): string {
  const image = openImage(state);
  if (!image) return state.work ? "Images come from the project." : "Open an image to begin.";
  if (image.loading.phase === "failed") return "Try again, or open another image.";
  if (!isReady(state)) return "The model looks at the image once; then masks come at once.";
  if (activeCursor(state)) return keyHint(state);
  return isTouch ? touchHint(state) : pointerHint(state);
}

function keyHint({ tool, keyCursor }: StudioState): string {
  const move = "Arrows move (Shift: 1 px).";
  switch (tool) {
    case "click":
      return `${move} U adds, Shift+U takes away.`;
    case "box":
      return `${move} U sets ${keyCursor?.boxCorner ? "the opposite corner" : "a corner"}.`;
    case "brush":
      return `${move} U paints.`;
    case "eraser":
      return `${move} U erases.`;
    case "everything":
      return `${move} U keeps the mask under it.`;
    case "pan":
      return move;
  }
}

function pointerHint(state: StudioState): string {
  const { tool, everything } = state;
  const isFresh = isEmptyDraft(openDocument(state).draft);
  switch (tool) {
    case "click":
      return isFresh
        ? "Click an object."
        : "Click adds, Shift+click or right click takes away. Enter keeps the mask.";
    case "box":
      return isFresh
        ? "Drag a box around an object."
        : "Click inside the box to refine. Enter keeps the mask.";
    case "brush":
      return "Paint over what is missing. Enter keeps the mask.";
    case "eraser":
      return "Paint over what is too much. Enter keeps the mask.";
    case "everything":
      return foundHint(everything, "Click");
    case "pan":
      return "Drag to move, use the wheel to zoom, double-click to fit.";
  }
}

function touchHint(state: StudioState): string {
  const { tool, everything, pointLabel } = state;
  switch (tool) {
    case "click":
      return pointLabel === 1
        ? "Tap an object. Two fingers zoom and move."
        : "Tap what does not belong to it.";
    case "box":
      return "Drag a box around an object.";
    case "brush":
      return "Paint over what is missing.";
    case "eraser":
      return "Paint over what is too much.";
    case "everything":
      return foundHint(everything, "Tap");
    case "pan":
      return "Drag to move, two fingers zoom.";
  }
}

function foundHint({ state }: Everything, verb: "Click" | "Tap"): string {
  switch (state) {
    case "idle":
    case "failed":
      return "Find all masks of the image at once.";
    case "asking":
      return "Masks appear once they are found.";
    case "running":
      return `Masks appear as they are found. ${verb} those to keep.`;
    case "words":
    case "versions":
    case "done":
      return `${verb} masks to keep them.`;
  }
}
