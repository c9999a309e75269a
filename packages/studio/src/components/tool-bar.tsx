import { TOOL_COMMANDS } from "../actions/tool-commands.js";
import { CommandButton } from "./ui/command-button.js";

/** A button for each command that selects a tool. */
export function ToolBar() {
  return (
    <nav className="tool-bar" aria-label="Tools">
      {TOOL_COMMANDS.filter(({ checked }) => checked).map((command) => (
        <CommandButton key={command.id} command={command} look="quiet" tooltip="right" />
      ))}
    </nav>
  );
}
