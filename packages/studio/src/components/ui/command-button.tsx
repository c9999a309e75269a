import type { ReactNode } from "react";
import type { Command } from "../../actions/command.js";
import { shortcutOf } from "../../actions/keymap.js";
import { performCommand } from "../../actions/perform.js";
import { ariaShortcut, keyLabels } from "../../actions/shortcut.js";
import { IS_MAC, keyboardLayout } from "../platform.js";
import { useStudio, useStudioState } from "../studio-context.js";

export interface CommandButtonProps {
  readonly command: Command;
  /** Beside the icon; without it the button is the icon alone, with a tooltip. */
  readonly children?: ReactNode;
  readonly look?: "plain" | "primary" | "quiet";
  /** Where the tooltip goes. */
  readonly tooltip?: "below" | "above" | "right";
}

/**
 * A command as a button. It stays focusable while it is disabled, so that the focus is not lost under the
 * user.
 */
export function CommandButton({ command, children, look = "plain", tooltip = "below" }: CommandButtonProps) {
  const studio = useStudio();
  const name = useStudioState((state) => command.nameNow?.(state) ?? command.name);
  const isEnabled = useStudioState(command.enabled);
  const isChecked = useStudioState((state) => command.checked?.(state));
  const shortcut = useStudioState(({ preferences }) => shortcutOf(command, preferences.keymap));
  const Icon = command.icon;
  return (
    <button
      type="button"
      className={`button button-${look}${children ? "" : " button-icon"}`}
      aria-label={children ? undefined : name}
      aria-pressed={isChecked}
      aria-disabled={isEnabled ? undefined : true}
      aria-keyshortcuts={shortcut ? ariaShortcut(shortcut, IS_MAC) : undefined}
      data-command={command.id}
      data-tooltip={
        shortcut
          ? `${name}  (${keyLabels(shortcut, IS_MAC, keyboardLayout()).join(IS_MAC ? "" : "+")})`
          : name
      }
      data-tooltip-side={tooltip}
      onClick={() => void performCommand(command, studio)}
    >
      {Icon && <Icon aria-hidden="true" />}
      {children && <span className="button-text">{children}</span>}
    </button>
  );
}
