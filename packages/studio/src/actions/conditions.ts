/** What commands ask before they can be done. */

import type { Document, MaskObject, MaskShape } from "../state/document.js";
import { currentShape, isEmptyDraft, isUnanswered } from "../state/draft-queries.js";
import { openDocument, openImage, selectedObject, selectedObjects } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";

export const always = (): boolean => true;

/** Images of a project are neither added nor removed in the studio. */
export function isOwnPage({ work }: StudioState): boolean {
  return work === null;
}

export function hasImage(state: StudioState): boolean {
  return openImage(state) !== null;
}

/** Whether there is a selected object that may be changed. */
export function hasUnlockedSelection(state: StudioState): boolean {
  return selectedObjects(state).some(({ locked }) => !locked);
}

export function hasObjects(state: StudioState): boolean {
  return openDocument(state).objects.length > 0;
}

/** Whether the mask that is being made can be kept: not while it is to replace that of a locked object. */
export function canKeepDraft(state: StudioState): boolean {
  return currentShape(openDocument(state).draft) !== null && editedObject(state)?.locked !== true;
}

/** The object that the mask in the making is of; null for a new one. */
export function editedObject(state: StudioState): MaskObject | null {
  const { draft, objects } = openDocument(state);
  return objects.find(({ id }) => id === draft.objectId) ?? null;
}

/** How many masks the model offers for the draft; several are chosen among. */
export function alternativeCount(state: StudioState): number {
  return openDocument(state).draft.alternatives?.length ?? 0;
}

/** Whether that mask is being made by the model right now. */
export function isMaskComing(state: StudioState): boolean {
  return state.predicting && isUnanswered(openDocument(state).draft);
}

/** A mask and what it is called. */
export interface NamedShape {
  readonly name: string;
  readonly shape: MaskShape;
}

/** What a cut-out is made of: the mask that is being made, or the selected object while none is. */
export function shapeToCutOut(state: StudioState): NamedShape | null {
  const document = openDocument(state);
  const shape = currentShape(document.draft);
  if (shape) return { name: nameOfDraft(document), shape };
  const object = isEmptyDraft(document.draft) ? selectedObject(state) : null;
  return object && { name: object.name, shape: object };
}

function nameOfDraft({ objects, draft, cutOuts }: Document): string {
  const edited = objects.find(({ id }) => id === draft.objectId);
  return edited?.name ?? `Cut-out ${cutOuts.length + 1}`;
}
