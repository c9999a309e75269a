import { RotateCcw, X } from "lucide-react";
import { useId, useState } from "react";
import type { Command } from "../actions/command.js";
import { conflictsOf, remap, shortcutOf } from "../actions/keymap.js";
import { COMMAND_SECTIONS, COMMANDS } from "../actions/registry.js";
import { prefer } from "../actions/view-commands.js";
import { ShortcutField } from "./shortcut-field.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { Dialog } from "./ui/dialog.js";
import { IconButton } from "./ui/icon-button.js";

/** Every command's shortcut, to be changed; what two commands share is shown at both. */
export function KeymapEditor({ onClose }: { readonly onClose: () => void }) {
  const studio = useStudio();
  const keymap = useStudioState(({ preferences }) => preferences.keymap);
  const isChanged = Object.keys(keymap).length > 0;
  return (
    <Dialog
      title="Change shortcuts"
      width="wide"
      onClose={onClose}
      footer={
        <button
          type="button"
          className="button button-plain"
          aria-disabled={isChanged ? undefined : true}
          onClick={() => prefer(studio, () => ({ keymap: {} }))}
        >
          Restore all
        </button>
      }
    >
      <p className="dialog-lead">Choose a shortcut and press the new keys. Escape leaves it as it is.</p>
      <div className="keymap">
        {COMMAND_SECTIONS.map(({ group, commands }) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {commands.map((command) => (
                <KeymapRow key={command.id} command={command} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function KeymapRow({ command }: { readonly command: Command }) {
  const studio = useStudio();
  const nameId = useId();
  const keymap = useStudioState(({ preferences }) => preferences.keymap);
  const [refusal, setRefusal] = useState<string | null>(null);
  const shortcut = shortcutOf(command, keymap);
  const conflicts = conflictsOf(command, COMMANDS, keymap);
  const change = (target: Command, to: string | null) =>
    prefer(studio, (before) => ({ keymap: remap(before.keymap, target, to) }));
  return (
    <li className="keymap-row" data-conflict={conflicts.length > 0 || undefined} data-keymap={command.id}>
      <span className="keymap-name" id={nameId}>
        {command.name}
      </span>
      <ShortcutField
        nameId={nameId}
        shortcut={shortcut}
        onRefused={setRefusal}
        onChange={(to) => {
          setRefusal(null);
          change(command, to);
        }}
      />
      <IconButton
        icon={X}
        label={`No shortcut for ${command.name}`}
        disabled={shortcut === null}
        onClick={() => change(command, null)}
      />
      <IconButton
        icon={RotateCcw}
        label={`Restore the shortcut of ${command.name}`}
        disabled={!(command.id in keymap)}
        onClick={() => change(command, command.shortcut ?? null)}
      />
      {refusal !== null && (
        <p className="keymap-message" role="alert">
          {refusal}
        </p>
      )}
      {conflicts.map((other) => (
        <p key={other.id} className="keymap-message">
          Also used by “{other.name}”.{" "}
          <button type="button" className="link" onClick={() => change(other, null)}>
            Take it from there
          </button>
        </p>
      ))}
    </li>
  );
}
