import { type KeyboardEvent, useState } from "react";
import { refusalOf } from "../actions/keymap.js";
import { formatShortcut, shortcutOfKeys } from "../actions/shortcut.js";
import { IS_MAC } from "./platform.js";
import { Keys } from "./ui/keys.js";

export interface ShortcutFieldProps {
  readonly name: string;
  readonly shortcut: string | null;
  readonly onChange: (shortcut: string) => void;
  /** Hears why the keys that were pressed can't be used. */
  readonly onRefused: (reason: string | null) => void;
}

/** A shortcut that is changed by pressing another one. */
export function ShortcutField({ name, shortcut, onChange, onRefused }: ShortcutFieldProps) {
  const [isListening, setListening] = useState(false);

  function onKeyDown(event: KeyboardEvent): void {
    if (!isListening) return;
    const pressed = shortcutOfKeys(event.nativeEvent, IS_MAC);
    event.preventDefault();
    event.stopPropagation();
    if (!pressed) return;
    setListening(false);
    if (pressed.key === "Escape" && !pressed.mod && !pressed.alt && !pressed.shift) return;
    const text = formatShortcut(pressed);
    const refusal = refusalOf(text);
    onRefused(refusal);
    if (refusal === null) onChange(text);
  }

  return (
    <button
      type="button"
      className="shortcut-field"
      aria-label={isListening ? `Press the keys for ${name}` : `Shortcut of ${name}: ${shortcut ?? "none"}`}
      aria-pressed={isListening}
      onClick={() => setListening(true)}
      onBlur={() => setListening(false)}
      onKeyDown={onKeyDown}
    >
      {isListening ? (
        "Press keys…"
      ) : shortcut ? (
        <Keys shortcut={shortcut} />
      ) : (
        <span className="muted">none</span>
      )}
    </button>
  );
}
