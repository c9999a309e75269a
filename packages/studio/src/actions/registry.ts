/** All commands: what is not here is in no menu, on no key and in no help. */

import { CLASS_COMMANDS } from "./class-commands.js";
import { COMMAND_GROUPS, type Command, type CommandGroup } from "./command.js";
import { CURSOR_COMMANDS } from "./cursor-commands.js";
import { CUT_OUT_COMMANDS } from "./cut-out-commands.js";
import { EDIT_COMMANDS } from "./edit-commands.js";
import { EVERYTHING_COMMANDS } from "./everything-commands.js";
import { HELP_COMMANDS } from "./help-commands.js";
import { IMAGE_COMMANDS } from "./image-commands.js";
import { MASK_COMMANDS } from "./mask-commands.js";
import { OBJECT_COMMANDS } from "./object-commands.js";
import { PROMPT_COMMANDS } from "./prompt-commands.js";
import { TOOL_COMMANDS } from "./tool-commands.js";
import { VIEW_COMMANDS } from "./view-commands.js";
import { WORK_COMMANDS } from "./work-commands.js";

export const COMMANDS: readonly Command[] = [
  ...WORK_COMMANDS,
  ...IMAGE_COMMANDS,
  ...EDIT_COMMANDS,
  ...TOOL_COMMANDS,
  ...PROMPT_COMMANDS,
  ...CURSOR_COMMANDS,
  ...MASK_COMMANDS,
  ...OBJECT_COMMANDS,
  ...CLASS_COMMANDS,
  ...EVERYTHING_COMMANDS,
  ...CUT_OUT_COMMANDS,
  ...VIEW_COMMANDS,
  ...HELP_COMMANDS,
];

export interface CommandSection {
  readonly group: CommandGroup;
  readonly commands: readonly Command[];
}

/** For menus and the help sheet. Those of the group Work are of no use outside of a project. */
export const COMMAND_SECTIONS: readonly CommandSection[] = COMMAND_GROUPS.map((group) => ({
  group,
  commands: COMMANDS.filter((command) => command.group === group),
}));
