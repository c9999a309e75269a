/** The mask that is being made: which of the model's, kept or given up. */

import { Check, Eraser, RotateCcw } from "lucide-react";
import { cleanMasks } from "../state/clean-masks.js";
import { chooseAlternative } from "../state/draft-edits.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import { resetDraft } from "../state/edits.js";
import { keepOpenDraft } from "../state/keep-open-draft.js";
import { openDocument } from "../state/selectors.js";
import type { Command } from "./command.js";
import {
  alternativeCount,
  canKeepDraft,
  editedObject,
  hasUnlockedSelection,
  isMaskComing,
} from "./conditions.js";

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
  perform: keepOpenDraft,
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

export const cleanMask: Command = {
  id: "mask.clean",
  name: "Remove small islands and holes",
  group: "Mask",
  icon: Eraser,
  shortcut: "G",
  enabled: (state) => canKeepDraft(state) || hasUnlockedSelection(state),
  perform: (studio) => {
    const { selectedIds } = studio.getState();
    const before = openDocument(studio.getState());
    const after = cleanMasks(before, selectedIds);
    if (after === before) studio.notify("info", "There is no small island or hole.");
    else studio.edit("Remove islands and holes", () => after);
  },
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

export const MASK_COMMANDS: readonly Command[] = [keepMask, resetMask, cleanMask, ...alternativeCommands];
