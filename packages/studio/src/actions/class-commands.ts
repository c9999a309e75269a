/** The classes of objects. */

import { CircleSlash2, Tag } from "lucide-react";
import { isEmptyDraft } from "../state/draft-queries.js";
import { updateObjects } from "../state/edits.js";
import { classList, openDocument, selectedObjects } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { alternativeCount, editedObject } from "./conditions.js";
import { labelFor } from "./object-commands.js";

/** Classes of a list that have a key. */
const CLASS_KEYS = 9;

/**
 * The classes by their place. While the model offers several masks, digits choose among these alone: a class
 * that is given instead of a mask would surprise.
 */
export const giveCommands: readonly Command[] = Array.from({ length: CLASS_KEYS }, (_, index) => ({
  id: `classes.give-${index + 1}`,
  name: `Class ${index + 1}`,
  group: "Classes",
  icon: Tag,
  shortcut: String(index + 1),
  neverWith: `mask.alternative-${index + 1}`,
  nameNow: (state) => classList(state)[index]?.name ?? `Class ${index + 1}`,
  checked: (state) => state.nextClassId !== null && classList(state)[index]?.id === state.nextClassId,
  enabled: (state) => classList(state).length > index && alternativeCount(state) <= 1,
  perform: (studio) => giveClass(studio, classList(studio.getState())[index]!.id),
}));

export const giveNoClass: Command = {
  id: "classes.give-none",
  name: "No class",
  group: "Classes",
  icon: CircleSlash2,
  checked: (state) => state.nextClassId === null,
  enabled: (state) => classList(state).length > 0,
  perform: (studio) => giveClass(studio, null),
};

export const CLASS_COMMANDS: readonly Command[] = [...giveCommands, giveNoClass];

/**
 * Gives a class to the object whose mask is being edited, or else to the selected ones. New objects get it
 * too, and so does a new mask that is in the making, which comes before what is selected.
 */
export function giveClass(studio: Studio, classId: string | null): void {
  const state = studio.getState();
  const objects = objectsToGive(state);
  const ids = objects.filter(({ locked }) => !locked).map(({ id }) => id);
  studio.set(() => ({ nextClassId: classId }));
  if (ids.length > 0)
    studio.edit(labelFor("Change class of object", ids.length), (document) =>
      updateObjects(document, ids, { classId }),
    );
  else if (objects.length > 0)
    studio.notify(
      "warning",
      "What is selected is locked: its class stays as it is. New objects get this one.",
    );
}

function objectsToGive(state: StudioState) {
  const edited = editedObject(state);
  if (edited) return [edited];
  return isEmptyDraft(openDocument(state).draft) ? selectedObjects(state) : [];
}
