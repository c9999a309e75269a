/** Which key does what: the commands' own shortcuts, and what the user has changed. */

import type { Preferences } from "../state/types.js";
import type { Command } from "./command.js";
import { formatShortcut, parseShortcut } from "./shortcut.js";

export type Keymap = Preferences["keymap"];

/** What browsers keep for themselves: a page is never told of these keys. */
const KEPT_BY_BROWSERS = new Set(["Mod+N", "Mod+T", "Mod+W", "Mod+Shift+N", "Mod+Shift+T", "Mod+Shift+W"]);

/** Keys that every page needs for getting about. */
const KEPT_FOR_FOCUS = new Set(["Tab", "Shift+Tab"]);

/** The shortcut of a command as the user has it; null for none. */
export function shortcutOf({ id, shortcut }: Command, keymap: Keymap): string | null {
  const changed = keymap[id];
  if (changed === undefined) return shortcut ?? null;
  return changed;
}

/** The commands that a shortcut leads to: more than one is a conflict. */
export function commandsFor(shortcut: string, commands: readonly Command[], keymap: Keymap): Command[] {
  const wanted = canonical(shortcut);
  return commands.filter((command) => {
    const own = shortcutOf(command, keymap);
    return own !== null && canonical(own) === wanted;
  });
}

/** The other commands that share a command's shortcut. */
export function conflictsOf(command: Command, commands: readonly Command[], keymap: Keymap): Command[] {
  const shortcut = shortcutOf(command, keymap);
  if (shortcut === null) return [];
  return commandsFor(shortcut, commands, keymap).filter(
    ({ id, neverWith }) => id !== command.id && id !== command.neverWith && neverWith !== command.id,
  );
}

/** Gives a command another shortcut, or none; its own one again leaves no trace in the keymap. */
export function remap(keymap: Keymap, command: Command, shortcut: string | null): Keymap {
  const { [command.id]: _, ...others } = keymap;
  const isOwn = shortcut === (command.shortcut ?? null);
  return isOwn ? others : { ...others, [command.id]: shortcut };
}

/** Why a shortcut can't be given to a command, or null. */
export function refusalOf(shortcut: string): string | null {
  if (KEPT_BY_BROWSERS.has(shortcut)) return "The browser keeps this one for itself.";
  if (KEPT_FOR_FOCUS.has(shortcut)) return "Tab moves between the parts of the page.";
  return null;
}

function canonical(shortcut: string): string {
  const parsed = parseShortcut(shortcut);
  return parsed ? formatShortcut(parsed) : shortcut;
}
