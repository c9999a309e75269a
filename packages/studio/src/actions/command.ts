/** What a user can do: menu, keyboard, help sheet and undo are all made from these. */

import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";

export type CommandGroup =
  | "Picture"
  | "Prompt"
  | "Mask"
  | "Objects"
  | "Everything"
  | "Export"
  | "View"
  | "Help";

export interface Command {
  /** Also the key of its shortcut in the user's keymap. */
  readonly id: string;
  /** Said in menus, tooltips and the help sheet: "Undo", "Cut out object". */
  readonly name: string;
  readonly group: CommandGroup;
  /** "Mod+Shift+Z": Mod is Control, or Command on a Mac; the key is named as `KeyboardEvent.key` has it. */
  readonly shortcut?: string;
  readonly enabled: (state: StudioState) => boolean;
  readonly perform: (studio: Studio) => void | Promise<void>;
}
