/** What differs between the machines that pages are seen on. */

import type { KeyboardLayout } from "../actions/shortcut.js";

/** Whether the Command key is used for shortcuts. */
export const IS_MAC = /mac|iphone|ipad/i.test(navigator.platform);

let layout: KeyboardLayout | null = null;

/** What is printed on the keys; null where the browser doesn't tell. */
export const keyboardLayout = (): KeyboardLayout | null => layout;

/** Asks the browser for it: before the page is drawn. */
export async function readKeyboardLayout(): Promise<void> {
  const { keyboard } = navigator as { keyboard?: { getLayoutMap?: () => Promise<KeyboardLayout> } };
  layout = (await keyboard?.getLayoutMap?.().catch(() => null)) ?? null;
}

/** Whether a finger is what the user points with. */
export const IS_TOUCH = matchMedia("(pointer: coarse)").matches;
