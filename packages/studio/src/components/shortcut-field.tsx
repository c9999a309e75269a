import { type KeyboardEvent, useId, useState } from "react";
import { refusalOf } from "../actions/keymap.js";
import { formatShortcut, shortcutOfKeys } from "../actions/shortcut.js";
import { IS_MAC } from "./platform.js";
import { Keys } from "./ui/keys.js";

export interface ShortcutFieldProps {
  /** Id of the element that names the command. */
  readonly nameId: string;
  readonly shortcut: string | null;
  readonly onChange: (shortcut: string) => void;
  /** Hears why the keys that were pressed can't be used. */
  readonly onRefused: (reason: string | null) => void;
}

/** A shortcut that is changed by pressing another one. */
export function ShortcutField({ nameId, shortcut, onChange, onRefused }: ShortcutFieldProps) {
  const id = useId();
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
      id={id}
      aria-labelledby={`${nameId} ${id}`}
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
