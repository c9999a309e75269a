/** Shortcuts as text: read, written, and told from the keys that are pressed. */

/** A key with its modifiers. */
export interface Shortcut {
  /** Control, or Command on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
  /** Never set where the key is a sign that needs Shift on some keyboards: "?" is "?" however it is typed. */
  readonly shift: boolean;
  /** As `KeyboardEvent.key` has it, letters as capitals, and "Space". */
  readonly key: string;
}

/** The part of a `KeyboardEvent` that says which shortcut it is. */
export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> &
  Partial<Pick<KeyboardEvent, "getModifierState">>;

/** What is printed on keys, by `KeyboardEvent.code`, as far as the browser tells. */
export type KeyboardLayout = Pick<ReadonlyMap<string, string>, "get">;

/** Signs that many keyboards have elsewhere, or only with AltGr: the keys in their place count too. */
const CODES: Readonly<Record<string, string>> = { "[": "BracketLeft", "]": "BracketRight" };

const MODIFIER_KEYS = new Set([
  "Control",
  "Shift",
  "Alt",
  "Meta",
  "AltGraph",
  "CapsLock",
  "Fn",
  "Dead",
  "Process",
]);

const KEY_SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  PageUp: "Page Up",
  PageDown: "Page Down",
};

/**
 * Reads "Mod+Shift+Z".
 *
 * @returns null for what is not a shortcut: no key, an unknown or a repeated modifier
 */
export function parseShortcut(text: string): Shortcut | null {
  // A plus sign may be the key itself: "+", "Mod++".
  const [, prefix, key] = /^((?:[A-Za-z]+\+)*)(\+|[^+]+)$/.exec(text) ?? [];
  if (prefix === undefined || !key) return null;
  const modifiers = prefix.split("+").slice(0, -1);
  const known = modifiers.every((name) => name === "Mod" || name === "Alt" || name === "Shift");
  if (!known || new Set(modifiers).size < modifiers.length || MODIFIER_KEYS.has(key)) return null;
  return normalise({
    mod: modifiers.includes("Mod"),
    alt: modifiers.includes("Alt"),
    shift: modifiers.includes("Shift"),
    key,
  });
}

/** Writes what `parseShortcut` reads; equal shortcuts become equal texts. */
export function formatShortcut({ mod, alt, shift, key }: Shortcut): string {
  return [mod && "Mod", alt && "Alt", shift && "Shift", key].filter(Boolean).join("+");
}

/** The shortcut that is being pressed; null while only modifiers are down. */
export function shortcutOfKeys(press: KeyPress, isMac: boolean): Shortcut | null {
  if (MODIFIER_KEYS.has(press.key)) return null;
  // The other of the two belongs to the system: Command elsewhere, Control on a Mac.
  if (isMac ? press.ctrlKey : press.metaKey) return null;
  const modifiers = modifiersOf(press, isMac);
  return normalise({ ...modifiers, key: keyName(press, modifiers.alt) });
}

/**
 * The shortcut that is pressed by where its key is on a US keyboard: the digits of a French keyboard, which
 * gives other signs without Shift, and the two keys right of P where brackets are elsewhere.
 *
 * @returns null for other keys, and with Shift
 */
export function shortcutOfPlace(press: KeyPress, isMac: boolean): Shortcut | null {
  const key =
    /^Digit(\d)$/.exec(press.code)?.[1] ?? Object.entries(CODES).find(([, code]) => code === press.code)?.[0];
  if (
    key === undefined ||
    press.shiftKey ||
    makesSign(press, isMac) ||
    (isMac ? press.ctrlKey : press.metaKey)
  )
    return null;
  return normalise({ ...modifiersOf(press, isMac), key });
}

function modifiersOf(press: KeyPress, isMac: boolean): Omit<Shortcut, "key"> {
  const isSign = makesSign(press, isMac);
  return {
    mod: !isSign && (isMac ? press.metaKey : press.ctrlKey),
    alt: !isSign && press.altKey,
    shift: press.shiftKey,
  };
}

/** AltGr makes signs; some systems report it as Control and Alt. */
function makesSign(press: KeyPress, isMac: boolean): boolean {
  return !isMac && press.getModifierState?.("AltGraph") === true;
}

/**
 * A shortcut as the keys' own labels: ["Ctrl", "Shift", "Z"], or ["⇧", "⌘", "Z"].
 *
 * @param layout for signs whose place counts: what is printed there
 */
export function keyLabels(text: string, isMac: boolean, layout: KeyboardLayout | null = null): string[] {
  const shortcut = parseShortcut(text);
  if (!shortcut) return [text];
  const { mod, alt, shift, key } = shortcut;
  const printed = layout?.get(CODES[key] ?? "")?.toUpperCase();
  const label = printed ?? KEY_SIGNS[key] ?? key;
  const labels = isMac
    ? [alt && "⌥", shift && "⇧", mod && "⌘", label]
    : [mod && "Ctrl", alt && "Alt", shift && "Shift", label];
  return labels.filter((part) => part !== false);
}

/** For `aria-keyshortcuts`. */
export function ariaShortcut(text: string, isMac: boolean): string {
  return text.replace("Mod+", isMac ? "Meta+" : "Control+");
}

function keyName({ key, code }: KeyPress, alt: boolean): string {
  // Option on a Mac, and keyboards of other scripts, give other characters than the key's Latin letter.
  const latin = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  const isForeign = key.length === 1 && key.charCodeAt(0) > 126;
  return latin && (isForeign || alt) ? latin : key;
}

function normalise({ mod, alt, shift, key }: Shortcut): Shortcut {
  if (key === " ") return { mod, alt, shift, key: "Space" };
  if (key.length !== 1) return { mod, alt, shift, key };
  const isLetter = key.toLowerCase() !== key.toUpperCase();
  return isLetter ? { mod, alt, shift, key: key.toUpperCase() } : { mod, alt, shift: false, key };
}
