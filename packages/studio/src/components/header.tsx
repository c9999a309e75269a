import { redo, undo } from "../actions/edit-commands.js";
import { showHelp } from "../actions/help-commands.js";
import { exportMasks } from "../actions/image-commands.js";
import { openImage } from "../state/selectors.js";
import { Logo } from "./logo.js";
import { MenuBar } from "./menu-bar.js";
import { ModelStatus } from "./model-status.js";
import { ProjectsLink } from "./projects-link.js";
import { useStudioState } from "./studio-context.js";
import { ThemeButton } from "./theme-button.js";
import { CommandButton } from "./ui/command-button.js";

export function Header() {
  const name = useStudioState((state) => openImage(state)?.name ?? null);
  const isWork = useStudioState(({ work }) => work !== null);
  const hasProjects = useStudioState((state) => state.hasProjects) || isWork;
  return (
    <header className={hasProjects ? "header header-projects" : "header"}>
      <div className="brand">
        <Logo />
        <h1>Segany</h1>
      </div>
      <MenuBar />
      <p className="header-image" title={name ?? undefined}>
        {name}
      </p>
      <div className="header-actions">
        {hasProjects && <ProjectsLink look="quiet">Projects</ProjectsLink>}
        <CommandButton command={undo} look="quiet" />
        <CommandButton command={redo} look="quiet" />
        <ModelStatus />
        <ThemeButton />
        <CommandButton command={showHelp} look="quiet" />
        {!isWork && (
          <CommandButton command={exportMasks} look="primary">
            Export
          </CommandButton>
        )}
      </div>
    </header>
  );
}
