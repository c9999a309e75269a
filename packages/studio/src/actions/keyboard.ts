/** From keys to commands, wherever the focus is not on something that needs the key itself. */

import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { commandsFor } from "./keymap.js";
import { performCommand } from "./perform.js";
import { formatShortcut, type Shortcut, shortcutOfKeys, shortcutOfPlace } from "./shortcut.js";

export interface KeyboardOptions {
  readonly commands: readonly Command[];
  readonly isMac: boolean;
}

const MOVES_INSIDE = new Set([
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "Home",
  "End",
  "PageUp",
  "PageDown",
]);

const TEXT_FIELDS =
  'textarea, select, [contenteditable=""], [contenteditable="true"], input:not([type="range"], [type="checkbox"], [type="radio"], [type="button"], [type="color"])';
const MOVED_THROUGH = 'input[type="range"], input[type="radio"]';
const PRESSED = 'button, a[href], summary, input[type="checkbox"], input[type="radio"], [role="menuitem"]';

/**
 * Performs commands by their shortcuts.
 *
 * @param target the window
 * @returns ends it
 */
export function listenToKeys(
  studio: Studio,
  target: EventTarget,
  { commands, isMac }: KeyboardOptions,
): () => void {
  function onKeyDown(event: Event): void {
    const press = event as KeyboardEvent;
    if (press.defaultPrevented || press.isComposing) return;
    const state = studio.getState();
    // What is printed on a key comes before its place.
    const meant = [shortcutOfKeys(press, isMac), shortcutOfPlace(press, isMac)]
      .filter((shortcut) => shortcut !== null && !isKept(shortcut, press.target))
      .flatMap((shortcut) => commandsFor(formatShortcut(shortcut!), commands, state.preferences.keymap));
    // Of commands in conflict the first that can be done now, or else in a moment.
    const command = meant.find(({ enabled }) => enabled(state)) ?? meant.find(({ soon }) => soon?.(state));
    // What is disabled takes its key along all the same: Control+S must not save the page instead.
    if (meant.length > 0) press.preventDefault();
    if (command && (!press.repeat || command.repeats)) void performCommand(command, studio);
  }
  target.addEventListener("keydown", onKeyDown);
  return () => target.removeEventListener("keydown", onKeyDown);
}

/** Whether the focused element, or a dialog or menu around it, needs a key itself. */
function isKept(shortcut: Shortcut, target: EventTarget | null): boolean {
  if (!isElement(target)) return false;
  if (target.closest('dialog[open], [role="menu"]')) return true;
  if (target.matches(TEXT_FIELDS)) return true;
  if (shortcut.mod || shortcut.alt) return false;
  if (MOVES_INSIDE.has(shortcut.key) && target.matches(MOVED_THROUGH)) return true;
  return (shortcut.key === "Enter" || shortcut.key === "Space") && target.matches(PRESSED);
}

function isElement(target: EventTarget | null): target is Element {
  return target !== null && "closest" in target;
}
