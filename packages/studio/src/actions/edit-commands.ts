/** Undo and redo. */

import { Redo2, Undo2 } from "lucide-react";
import { redoLabel, undoLabel } from "../state/selectors.js";
import type { Command } from "./command.js";

export const undo: Command = {
  id: "edit.undo",
  name: "Undo",
  group: "Edit",
  icon: Undo2,
  shortcut: "Mod+Z",
  nameNow: (state) => withStep("Undo", undoLabel(state)),
  repeats: true,
  enabled: (state) => undoLabel(state) !== null,
  perform: (studio) => studio.undo(),
};

export const redo: Command = {
  id: "edit.redo",
  name: "Redo",
  group: "Edit",
  icon: Redo2,
  shortcut: "Mod+Shift+Z",
  nameNow: (state) => withStep("Redo", redoLabel(state)),
  repeats: true,
  enabled: (state) => redoLabel(state) !== null,
  perform: (studio) => studio.redo(),
};

export const EDIT_COMMANDS: readonly Command[] = [undo, redo];

/** "Undo: Add point" */
function withStep(name: string, step: string | null): string {
  return step === null ? name : `${name}: ${step}`;
}
