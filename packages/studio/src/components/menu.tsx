import { Check } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Command } from "../actions/command.js";
import { shortcutOf } from "../actions/keymap.js";
import { performCommand } from "../actions/perform.js";
import type { CommandSection } from "../actions/registry.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { Keys } from "./ui/keys.js";

export interface MenuProps {
  readonly id: string;
  readonly label: string;
  /** With headings when there are several. */
  readonly sections: readonly CommandSection[];
  readonly onClose: () => void;
  /** To the menu beside this one. */
  readonly onSideways?: (step: 1 | -1) => void;
}

/** Commands to choose from. The focus goes into it at once. */
export function Menu({ id, label, sections, onClose, onSideways }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => itemsOf(ref.current)[0]?.focus(), []);

  function onKeyDown(event: KeyboardEvent): void {
    event.stopPropagation();
    const items = itemsOf(ref.current);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const moves = new Map<string, () => void>([
      ["ArrowDown", () => items[(at + 1) % items.length]?.focus()],
      ["ArrowUp", () => items.at(at - 1)?.focus()],
      ["Home", () => items[0]?.focus()],
      ["End", () => items.at(-1)?.focus()],
      ["Escape", onClose],
      ["Tab", onClose],
      ["ArrowRight", () => onSideways?.(1)],
      ["ArrowLeft", () => onSideways?.(-1)],
    ]);
    const move = moves.get(event.key);
    if (move) {
      event.preventDefault();
      move();
    } else if (event.key.length === 1) focusByLetter(items, at, event.key);
  }

  return (
    <div
      ref={ref}
      id={id}
      className="menu"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {sections.map(({ group, commands }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no group of menu items.
        <div key={group} role="group" aria-label={group} className="menu-section">
          {sections.length > 1 && (
            <div className="menu-heading" aria-hidden="true">
              {group}
            </div>
          )}
          {commands.map((command) => (
            <MenuItem key={command.id} command={command} onDone={onClose} />
          ))}
        </div>
      ))}
    </div>
  );
}

function MenuItem({ command, onDone }: { readonly command: Command; readonly onDone: () => void }) {
  const studio = useStudio();
  const name = useStudioState((state) => command.nameNow?.(state) ?? command.name);
  const isEnabled = useStudioState(command.enabled);
  const isChecked = useStudioState((state) => command.checked?.(state));
  const shortcut = useStudioState(({ preferences }) => shortcutOf(command, preferences.keymap));
  const Icon = command.icon;
  return (
    <button
      type="button"
      className="menu-item"
      {...(isChecked === undefined
        ? { role: "menuitem" }
        : { role: "menuitemcheckbox", "aria-checked": isChecked })}
      aria-disabled={isEnabled ? undefined : true}
      tabIndex={-1}
      onClick={() => {
        if (!isEnabled) return;
        onDone();
        void performCommand(command, studio);
      }}
    >
      <span className="menu-icon">
        {isChecked ? <Check aria-hidden="true" /> : Icon && <Icon aria-hidden="true" />}
      </span>
      <span className="menu-name">{name}</span>
      {shortcut && <Keys shortcut={shortcut} />}
    </button>
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

/** The next item that begins with a letter. */
function focusByLetter(items: readonly HTMLElement[], at: number, letter: string): void {
  const ahead = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  const text = (item: HTMLElement) => item.querySelector(".menu-name")?.textContent ?? "";
  ahead.find((item) => text(item).toLowerCase().startsWith(letter.toLowerCase()))?.focus();
}
