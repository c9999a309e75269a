/** What components and commands ask of the state. */

import { type Document, EMPTY_DOCUMENT } from "./document.js";
import type { RunMode } from "./status.js";
import type { GalleryImage, StudioState } from "./types.js";

export function openImage({ images, openImageId }: StudioState): GalleryImage | null {
  return images.find(({ id }) => id === openImageId) ?? null;
}

/** The open image's document; an empty one when none is open. */
export function openDocument(state: StudioState): Document {
  return openImage(state)?.history.present ?? EMPTY_DOCUMENT;
}

/** Whether the open image can be asked. */
export function isReady(state: StudioState): boolean {
  return openImage(state)?.loading.phase === "ready";
}

/** Label of the step that undo takes back, for "Undo Add point"; null when there is none. */
export function undoLabel(state: StudioState): string | null {
  return openImage(state)?.history.past.at(-1)?.label ?? null;
}

/** Label of the step that redo makes again; null when there is none. */
export function redoLabel(state: StudioState): string | null {
  return openImage(state)?.history.future[0]?.label ?? null;
}

/**
 * Where the model runs: where the user wants it, if that is possible here; null until it is known what is.
 */
export function runModeOf({
  modes,
  preferences,
}: Pick<StudioState, "modes" | "preferences">): RunMode | null {
  return modes.includes(preferences.mode) ? preferences.mode : (modes[0] ?? null);
}
