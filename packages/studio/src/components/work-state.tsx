import { lookAgain } from "../actions/work-commands.js";
import type { Work } from "../state/work.js";
import { Logo } from "./logo.js";
import { ProjectsLink } from "./projects-link.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Progress } from "./ui/progress.js";

const TITLES: Readonly<Record<Work["phase"], string>> = {
  opening: "Looking for work",
  working: "Looking for work",
  lost: "The image is not yours",
  finished: "All done",
  failed: "The work can't be opened",
};

/** In the place of the image while there is none: what is done about it. */
export function WorkState({ work }: { readonly work: Work }) {
  const { phase, message, mustSignIn } = work;
  if (phase === "opening")
    return (
      <div className="empty-state">
        <Progress label={TITLES.opening} share={null} />
      </div>
    );
  return (
    <div className="empty-state" role="status">
      <Logo />
      <h2>{mustSignIn ? "Sign in first" : TITLES[phase]}</h2>
      <p>{message}</p>
      <UnsentNote />
      <div className="empty-state-actions">
        {!mustSignIn && (
          <CommandButton command={lookAgain} look="primary">
            Look again
          </CommandButton>
        )}
        <ProjectsLink look={mustSignIn ? "primary" : "plain"}>
          {mustSignIn ? "Sign in" : "All projects"}
        </ProjectsLink>
      </div>
    </div>
  );
}

function UnsentNote() {
  const waiting = useStudioState(({ work }) => work?.waiting ?? 0);
  return waiting > 0 ? <p className="warning">{waiting} changes are kept in this browser.</p> : null;
}
