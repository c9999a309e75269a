/** The objects that were kept. */

import { ChevronDown, ChevronUp, Eye, Lock, Pencil, TextCursorInput, Trash2 } from "lucide-react";
import { editObject, removeObjects, updateObject } from "../state/edits.js";
import { openDocument } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { hasObjects, hasUnlockedSelection, selectedObject } from "./conditions.js";

export const nextObject: Command = {
  id: "objects.next",
  name: "Select next object",
  group: "Objects",
  icon: ChevronDown,
  shortcut: "N",
  repeats: true,
  enabled: hasObjects,
  perform: (studio) => selectNeighbour(studio, 1),
};

export const previousObject: Command = {
  id: "objects.previous",
  name: "Select previous object",
  group: "Objects",
  icon: ChevronUp,
  shortcut: "Shift+N",
  repeats: true,
  enabled: hasObjects,
  perform: (studio) => selectNeighbour(studio, -1),
};

export const editSelected: Command = {
  id: "objects.edit",
  name: "Edit mask of object",
  group: "Objects",
  icon: Pencil,
  shortcut: "R",
  enabled: hasUnlockedSelection,
  perform: (studio) => withSelected(studio, (id) => startEditing(studio, id)),
};

export const renameSelected: Command = {
  id: "objects.rename",
  name: "Rename object",
  group: "Objects",
  icon: TextCursorInput,
  shortcut: "F2",
  enabled: hasUnlockedSelection,
  perform: (studio) => withSelected(studio, (id) => studio.set(() => ({ renamingObjectId: id }))),
};

export const toggleVisible: Command = {
  id: "objects.visible",
  name: "Show object",
  group: "Objects",
  icon: Eye,
  shortcut: "V",
  checked: (state) => selectedObject(state)?.visible ?? false,
  enabled: (state) => selectedObject(state) !== null,
  perform: (studio) => withSelected(studio, (id) => toggle(studio, id, "visible")),
};

export const toggleAllVisible: Command = {
  id: "objects.all-visible",
  name: "Show all objects",
  group: "Objects",
  icon: Eye,
  shortcut: "Shift+V",
  checked: (state) => hasObjects(state) && openDocument(state).objects.every(({ visible }) => visible),
  enabled: hasObjects,
  perform: (studio) => {
    const visible = openDocument(studio.getState()).objects.some((object) => !object.visible);
    studio.edit(visible ? "Show all objects" : "Hide all objects", (document) => ({
      ...document,
      objects: document.objects.map((object) => ({ ...object, visible })),
    }));
  },
};

export const toggleLocked: Command = {
  id: "objects.locked",
  name: "Lock object",
  group: "Objects",
  icon: Lock,
  shortcut: "L",
  checked: (state) => selectedObject(state)?.locked ?? false,
  enabled: (state) => selectedObject(state) !== null,
  perform: (studio) => withSelected(studio, (id) => toggle(studio, id, "locked")),
};

export const deleteSelected: Command = {
  id: "objects.delete",
  name: "Delete object",
  group: "Objects",
  icon: Trash2,
  shortcut: "Delete",
  enabled: hasUnlockedSelection,
  perform: (studio) =>
    withSelected(studio, (id) => {
      const next = neighbourOf(studio.getState(), 1) ?? neighbourOf(studio.getState(), -1);
      studio.edit("Delete object", (document) => removeObjects(document, [id]));
      studio.set(() => ({ selectedObjectId: next ?? null }));
    }),
};

export const OBJECT_COMMANDS: readonly Command[] = [
  nextObject,
  previousObject,
  editSelected,
  renameSelected,
  toggleVisible,
  toggleAllVisible,
  toggleLocked,
  deleteSelected,
];

/** Shows or hides an object, locks or frees it. */
export function toggle(studio: Studio, id: string, what: "visible" | "locked"): void {
  const object = openDocument(studio.getState()).objects.find((each) => each.id === id);
  if (!object) return;
  const label = { visible: ["Show object", "Hide object"], locked: ["Lock object", "Unlock object"] }[what];
  studio.edit(label[object[what] ? 1 : 0]!, (document) =>
    updateObject(document, id, { [what]: !object[what] }),
  );
}

/** Takes an object's mask up again, with the click tool unless a brush is in hand. */
export function startEditing(studio: Studio, id: string): void {
  studio.edit("Edit object", (document) => editObject(document, id));
  const { tool } = studio.getState();
  if (tool === "everything" || tool === "pan") studio.set(() => ({ tool: "click" }));
}

function withSelected(studio: Studio, act: (id: string) => void): void {
  const object = selectedObject(studio.getState());
  if (object) act(object.id);
}

function selectNeighbour(studio: Studio, step: 1 | -1): void {
  const state = studio.getState();
  const { objects } = openDocument(state);
  const end = step === 1 ? objects[0] : objects.at(-1);
  const id = neighbourOf(state, step) ?? end?.id ?? null;
  studio.set(() => ({ selectedObjectId: id }));
}

function neighbourOf(state: StudioState, step: 1 | -1): string | undefined {
  const { objects } = openDocument(state);
  const index = objects.findIndex(({ id }) => id === state.selectedObjectId);
  return index < 0 ? undefined : objects[index + step]?.id;
}
