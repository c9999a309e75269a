/** The mask that is being made: which of the model's, kept or given up. */

import { Check, RotateCcw } from "lucide-react";
import { chooseAlternative } from "../state/draft-edits.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import { keepDraft, resetDraft } from "../state/edits.js";
import { openDocument } from "../state/selectors.js";
import type { Command } from "./command.js";
import { alternativeCount, canKeepDraft, editedObject, isMaskComing } from "./conditions.js";

export const keepMask: Command = {
  id: "mask.keep",
  name: "Keep as object",
  group: "Mask",
  icon: Check,
  shortcut: "Enter",
  nameNow: (state) => {
    const edited = editedObject(state);
    if (!edited) return "Keep as object";
    return edited.locked ? "Finish editing: unlock the object first" : "Finish editing";
  },
  enabled: canKeepDraft,
  soon: isMaskComing,
  perform: (studio) => {
    const { nextClassId } = studio.getState();
    const { objectId } = openDocument(studio.getState()).draft;
    studio.edit("Keep object", (document) => keepDraft(document, nextClassId));
    const last = openDocument(studio.getState()).objects.at(-1)?.id;
    studio.set(() => ({ selectedIds: [objectId ?? last].filter((id) => id !== undefined) }));
  },
};

export const resetMask: Command = {
  id: "mask.reset",
  name: "Reset",
  group: "Mask",
  icon: RotateCcw,
  shortcut: "Escape",
  enabled: (state) => {
    const { draft } = openDocument(state);
    return !isEmptyDraft(draft) || draft.objectId !== null;
  },
  perform: (studio) => studio.edit("Reset", resetDraft),
};

/** The model's masks for one click, in its order. */
export const alternativeCommands: readonly Command[] = [0, 1, 2].map((index) => ({
  id: `mask.alternative-${index + 1}`,
  name: `Choose mask ${index + 1}`,
  group: "Mask",
  shortcut: String(index + 1),
  checked: (state) => openDocument(state).draft.chosen === index && alternativeCount(state) > 1,
  enabled: (state) => alternativeCount(state) > Math.max(1, index),
  perform: (studio) => studio.edit("Choose mask", (document) => chooseAlternative(document, index)),
}));

export const MASK_COMMANDS: readonly Command[] = [keepMask, resetMask, ...alternativeCommands];
