/** What a user can do: menu, keyboard, help sheet and undo are all made from these. */

import type { LucideIcon } from "lucide-react";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";

/** Menus and the sections of the help sheet, in this order. */
export const COMMAND_GROUPS = [
  "Work",
  "Image",
  "Edit",
  "Tools",
  "Prompt",
  "Mask",
  "Objects",
  "Classes",
  "Everything",
  "Cut-outs",
  "View",
  "Help",
] as const;

export type CommandGroup = (typeof COMMAND_GROUPS)[number];

export interface Command {
  /** Also the key of its shortcut in the user's keymap. */
  readonly id: string;
  /** Said in menus, tooltips and the help sheet: "Undo", "Cut out object". */
  readonly name: string;
  readonly group: CommandGroup;
  readonly icon?: LucideIcon;
  /** "Mod+Shift+Z": Mod is Control, or Command on a Mac; the key is named as `KeyboardEvent.key` has it. */
  readonly shortcut?: string;
  /** Id of a command that is never enabled while this one is: both may have the same key. */
  readonly neverWith?: string;
  /** The name as things stand, where it changes with them: "Undo Add point". */
  readonly nameNow?: (state: StudioState) => string;
  /** For what is on or off, or chosen among others. */
  readonly checked?: (state: StudioState) => boolean;
  /** Whether holding the key down does it again and again. */
  readonly repeats?: boolean;
  readonly enabled: (state: StudioState) => boolean;
  /** Whether it will be enabled in a moment, by itself: a key that is pressed now is obeyed then. */
  readonly soon?: (state: StudioState) => boolean;
  readonly perform: (studio: Studio) => void | Promise<void>;
}
