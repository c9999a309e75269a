import { redo, undo } from "../actions/edit-commands.js";
import { showHelp } from "../actions/help-commands.js";
import { exportMasks } from "../actions/image-commands.js";
import { openImage } from "../state/selectors.js";
import { Logo } from "./logo.js";
import { MenuBar } from "./menu-bar.js";
import { ModelStatus } from "./model-status.js";
import { useStudioState } from "./studio-context.js";
import { ThemeButton } from "./theme-button.js";
import { CommandButton } from "./ui/command-button.js";

export function Header() {
  const name = useStudioState((state) => openImage(state)?.name ?? null);
  return (
    <header className="header">
      <div className="brand">
        <Logo />
        <h1>Segany</h1>
      </div>
      <MenuBar />
      <p className="header-image" title={name ?? undefined}>
        {name}
      </p>
      <div className="header-actions">
        <CommandButton command={undo} look="quiet" />
        <CommandButton command={redo} look="quiet" />
        <ModelStatus />
        <ThemeButton />
        <CommandButton command={showHelp} look="quiet" />
        <CommandButton command={exportMasks} look="primary">
          Export
        </CommandButton>
      </div>
    </header>
  );
}
