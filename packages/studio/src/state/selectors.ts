/** What components and commands ask of the state. */

import { type ClassList, classOf, type ObjectClass } from "./classes.js";
import { type Document, EMPTY_DOCUMENT, type MaskObject } from "./document.js";
import type { Step } from "./history.js";
import { listedObjects } from "./listed-objects.js";
import type { RunMode } from "./status.js";
import type { GalleryImage, StudioState } from "./types.js";
import type { WorkVersion } from "./work.js";

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
  return nextUndo(state)?.label ?? null;
}

/** Label of the step that redo makes again; null when there is none. */
export function redoLabel(state: StudioState): string | null {
  return nextRedo(state)?.label ?? null;
}

/** A step to take back or to make again. */
export interface StepToTake {
  readonly label: string;
  readonly ofImage: boolean;
  readonly ofClasses: boolean;
}

/** The last step of the open image or of the list of classes, or of both. */
export function nextUndo(state: StudioState): StepToTake | null {
  return stepToTake(openImage(state)?.history.past.at(-1), state.classes.past.at(-1), (a, b) => a >= b);
}

/** What was undone last. */
export function nextRedo(state: StudioState): StepToTake | null {
  return stepToTake(openImage(state)?.history.future[0], state.classes.future[0], (a, b) => a <= b);
}

function stepToTake(
  ofImage: Step<unknown> | undefined,
  ofClasses: Step<unknown> | undefined,
  isFirst: (at: number, other: number) => boolean,
): StepToTake | null {
  const step = !ofClasses || (ofImage && isFirst(ofImage.at, ofClasses.at)) ? ofImage : ofClasses;
  if (!step) return null;
  return { label: step.label, ofImage: ofImage?.at === step.at, ofClasses: ofClasses?.at === step.at };
}

/** The classes as they are now. */
export function classList(state: StudioState): ClassList {
  return state.classes.present;
}

/** The class of an object; null for none. */
export function classOfObject(
  state: StudioState,
  { classId }: Pick<MaskObject, "classId">,
): ObjectClass | null {
  return classOf(classList(state), classId);
}

/** The open image's objects as the list shows them. */
export function objectsInList(state: StudioState): readonly MaskObject[] {
  return listedObjects(openDocument(state).objects, state.objectList);
}

/** The object chosen in the list, of several the last; null for none, and where it is gone. */
export function selectedObject(state: StudioState): MaskObject | null {
  const id = state.selectedIds.at(-1);
  return openDocument(state).objects.find((object) => object.id === id) ?? null;
}

/** All objects that are chosen, in the order of the list. */
export function selectedObjects(state: StudioState): readonly MaskObject[] {
  const ids = new Set(state.selectedIds);
  return openDocument(state).objects.filter(({ id }) => ids.has(id));
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

/** Which model the open images are asked with. */
export interface ModelSource {
  readonly mode: RunMode;
  /** Of the project's model; null: the server's, or the page's own. */
  readonly version: WorkVersion | null;
}

/** null until it is known. The page's own model has no versions. */
export function modelSourceOf(
  state: Pick<StudioState, "modes" | "preferences" | "work">,
): ModelSource | null {
  const mode = runModeOf(state);
  if (mode === null || mode === "browser") return mode && { mode, version: null };
  const version = state.work ? state.work.version : null;
  return version === undefined ? null : { mode, version };
}

export function isSameModel(a: ModelSource | null, b: ModelSource | null): boolean {
  return a?.mode === b?.mode && a?.version?.id === b?.version?.id;
}

/** The model that answers, as a mask's provenance names it; null until it is there. */
export function modelIdentity({ model }: Pick<StudioState, "model">): { name: string; hash: string } | null {
  return model.state === "ready" && model.hash !== null ? { name: model.name, hash: model.hash } : null;
}
