/** The objects that were kept. */

import {
  ChevronDown,
  ChevronUp,
  CopyPlus,
  Eye,
  ListChecks,
  Lock,
  Pencil,
  TextCursorInput,
  Trash2,
} from "lucide-react";
import type { MaskObject } from "../state/document.js";
import { copyObjects, editObject, removeObjects, updateObjects } from "../state/edits.js";
import { objectsInList, openDocument, selectedObject, selectedObjects } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { hasObjects, hasUnlockedSelection } from "./conditions.js";

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

export const selectAll: Command = {
  id: "objects.select-all",
  name: "Select all objects",
  group: "Objects",
  icon: ListChecks,
  shortcut: "Mod+A",
  enabled: hasObjects,
  perform: (studio) => studio.set((state) => ({ selectedIds: objectsInList(state).map(({ id }) => id) })),
};

export const editSelected: Command = {
  id: "objects.edit",
  name: "Edit mask of object",
  group: "Objects",
  icon: Pencil,
  shortcut: "R",
  enabled: isLastUnlocked,
  perform: (studio) => withSelected(studio, ({ id }) => startEditing(studio, id)),
};

export const renameSelected: Command = {
  id: "objects.rename",
  name: "Rename object",
  group: "Objects",
  icon: TextCursorInput,
  shortcut: "F2",
  enabled: isLastUnlocked,
  perform: (studio) => withSelected(studio, ({ id }) => studio.set(() => ({ renamingObjectId: id }))),
};

export const toggleVisible: Command = {
  id: "objects.visible",
  name: "Show object",
  group: "Objects",
  icon: Eye,
  shortcut: "V",
  checked: (state) => selectedObject(state)?.visible ?? false,
  enabled: (state) => selectedObject(state) !== null,
  perform: (studio) =>
    withSelected(studio, (last) => toggle(studio, selectedObjects(studio.getState()), "visible", last)),
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
  perform: (studio) =>
    withSelected(studio, (last) => toggle(studio, selectedObjects(studio.getState()), "locked", last)),
};

export const deleteSelected: Command = {
  id: "objects.delete",
  name: "Delete object",
  group: "Objects",
  icon: Trash2,
  shortcut: "Delete",
  enabled: hasUnlockedSelection,
  perform: (studio) => {
    const state = studio.getState();
    const ids = selectedObjects(state)
      .filter(({ locked }) => !locked)
      .map(({ id }) => id);
    const next = besideAll(objectsInList(state), ids);
    studio.edit(labelFor("Delete object", ids.length), (document) => removeObjects(document, ids));
    studio.set(() => ({ selectedIds: next === undefined ? [] : [next] }));
  },
};

export const copyPrevious: Command = {
  id: "objects.copy-previous",
  name: "Copy objects of the previous image",
  group: "Objects",
  icon: CopyPlus,
  shortcut: "D",
  enabled: (state) => objectsBefore(state).length > 0,
  perform: (studio) => {
    const copied = objectsBefore(studio.getState());
    const known = new Set(openDocument(studio.getState()).objects.map(({ id }) => id));
    studio.edit(labelFor("Copy object", copied.length), (document) => copyObjects(document, copied));
    const { objects } = openDocument(studio.getState());
    studio.set(() => ({ selectedIds: objects.filter(({ id }) => !known.has(id)).map(({ id }) => id) }));
  },
};

/** Objects of the image before the open one, where both have the same size. */
function objectsBefore(state: StudioState): readonly MaskObject[] {
  const { images, openImageId } = state;
  const place = images.findIndex(({ id }) => id === openImageId);
  const [open, before] = [images[place], images[place - 1]];
  if (!open || !before || open.width !== before.width || open.height !== before.height) return [];
  return before.history.present.objects;
}

export const OBJECT_COMMANDS: readonly Command[] = [
  nextObject,
  previousObject,
  selectAll,
  editSelected,
  renameSelected,
  toggleVisible,
  toggleAllVisible,
  toggleLocked,
  deleteSelected,
  copyPrevious,
];

/**
 * Shows or hides objects, locks or frees them.
 *
 * @param last of them: whether it is shown or locked decides for all
 */
export function toggle(
  studio: Studio,
  objects: readonly MaskObject[],
  what: "visible" | "locked",
  last: MaskObject,
): void {
  const [off, on] = { visible: ["Show object", "Hide object"], locked: ["Lock object", "Unlock object"] }[
    what
  ];
  const ids = objects.map(({ id }) => id);
  studio.edit(labelFor((last[what] ? on : off)!, ids.length), (document) =>
    updateObjects(document, ids, { [what]: !last[what] }),
  );
}

/** "Lock object" -> "Lock 3 objects" */
export function labelFor(label: string, count: number): string {
  return count === 1 ? label : label.replace("object", `${count} objects`);
}

/** Takes an object's mask up again, with the click tool unless a brush is in hand. */
export function startEditing(studio: Studio, id: string): void {
  studio.edit("Edit object", (document) => editObject(document, id));
  const { tool } = studio.getState();
  if (tool === "everything" || tool === "pan") studio.set(() => ({ tool: "click" }));
}

function isLastUnlocked(state: StudioState): boolean {
  return selectedObject(state)?.locked === false;
}

function withSelected(studio: Studio, act: (last: MaskObject) => void): void {
  const object = selectedObject(studio.getState());
  if (object) act(object);
}

function selectNeighbour(studio: Studio, step: 1 | -1): void {
  const state = studio.getState();
  const objects = objectsInList(state);
  const index = objects.findIndex(({ id }) => id === state.selectedIds.at(-1));
  const end = step === 1 ? objects[0] : objects.at(-1);
  const next = (index < 0 ? undefined : objects[index + step]) ?? end;
  studio.set(() => ({ selectedIds: next ? [next.id] : [] }));
}

/** The object after the last of some, else the one before it. */
function besideAll(objects: readonly MaskObject[], ids: readonly string[]): string | undefined {
  const left = objects.filter(({ id }) => !ids.includes(id));
  const last = objects.findLastIndex(({ id }) => ids.includes(id));
  return (left.find(({ id }) => objects.findIndex((each) => each.id === id) > last) ?? left.at(-1))?.id;
}
