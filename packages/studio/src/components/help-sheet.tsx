import { changeShortcuts } from "../actions/help-commands.js";
import { shortcutOf } from "../actions/keymap.js";
import { COMMAND_SECTIONS } from "../actions/registry.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Dialog } from "./ui/dialog.js";
import { Keys } from "./ui/keys.js";

const GESTURES = [
  ["Click", "Add what is there to the mask"],
  ["Right click, Shift+click", "Take it away"],
  ["Drag a point, click it", "Move it, delete it"],
  ["Drag with the box tool", "Box around an object"],
  ["Wheel, pinch", "Zoom at the cursor"],
  ["Space + drag, two fingers", "Move the image"],
  ["Double click with “Move image”", "Fit to window"],
] as const;

/** Everything that can be done, with its keys. */
export function HelpSheet({ onClose }: { readonly onClose: () => void }) {
  const keymap = useStudioState(({ preferences }) => preferences.keymap);
  return (
    <Dialog
      title="Help and shortcuts"
      width="wide"
      onClose={onClose}
      footer={
        <CommandButton command={changeShortcuts} tooltip="above">
          Change shortcuts
        </CommandButton>
      }
    >
      <div className="help-sections">
        <section>
          <h3>On the image</h3>
          <dl>
            {GESTURES.map(([gesture, meaning]) => (
              <div key={gesture} className="help-gesture">
                <dt>{gesture}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
        {COMMAND_SECTIONS.map(({ group, commands }) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {commands.map((command) => {
                const shortcut = shortcutOf(command, keymap);
                return (
                  <div key={command.id} className="help-command" data-help={command.id}>
                    <dt>{command.name}</dt>
                    <dd>{shortcut ? <Keys shortcut={shortcut} /> : <span className="muted">no key</span>}</dd>
                  </div>
                );
              })}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
