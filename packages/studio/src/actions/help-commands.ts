/** Finding one's way. */

import { CircleQuestionMark, Keyboard } from "lucide-react";
import type { Command } from "./command.js";
import { always } from "./conditions.js";

export const showHelp: Command = {
  id: "help.sheet",
  name: "Help and shortcuts",
  group: "Help",
  icon: CircleQuestionMark,
  shortcut: "?",
  enabled: always,
  perform: (studio) => studio.set(() => ({ openPanel: "help" })),
};

export const changeShortcuts: Command = {
  id: "help.keymap",
  name: "Change shortcuts…",
  group: "Help",
  icon: Keyboard,
  shortcut: "Shift+H",
  enabled: always,
  perform: (studio) => studio.set(() => ({ openPanel: "keymap" })),
};

export const HELP_COMMANDS: readonly Command[] = [showHelp, changeShortcuts];
