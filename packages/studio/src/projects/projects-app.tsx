import { CircleAlert, LogOut } from "lucide-react";
import { useCallback, useState } from "react";
import type { EngineClient } from "../api/engine.js";
import { Logo } from "../components/logo.js";
import { EngineContext, useLoaded } from "./engine-context.js";
import { Invitation } from "./invitation.js";
import { ProjectList } from "./project-list.js";
import { isView, ProjectPage } from "./project-page.js";
import { SignIn } from "./sign-in.js";

/** The page with projects, jobs and people; what it shows is in its address. */
export function ProjectsApp({ engine }: { readonly engine: EngineClient }) {
  const load = useCallback(() => engine.getSession(), [engine]);
  const { value: session, error, reload } = useLoaded(load);
  const [problem, setProblem] = useState<string | null>(null);
  const query = new URLSearchParams(location.search);
  const secret = new URLSearchParams(location.hash.slice(1)).get("invitation");
  const person = session?.person ?? null;
  const mayLeave = session?.by === "session";

  async function signOut(): Promise<void> {
    await engine.signOut();
    location.assign("projects.html");
  }

  function signedIn(): void {
    const back = query.get("back");
    if (back?.startsWith("?")) location.assign(`./${back}`);
    else reload();
  }

  return (
    <div className="projects-page">
      <header className="header">
        <a className="brand" href="./">
          <Logo />
          <span className="brand-name">Segany</span>
        </a>
        <a className="button button-quiet" href="projects.html">
          Projects
        </a>
        {person && (
          <div className="header-actions projects-person">
            <span>{person.name}</span>
            {mayLeave && (
              <button type="button" className="button button-quiet" onClick={() => void signOut()}>
                <LogOut aria-hidden="true" /> Sign out
              </button>
            )}
          </div>
        )}
      </header>
      <main className="projects-main">
        {(error ?? problem) && (
          <p className="projects-error" role="alert">
            <CircleAlert aria-hidden="true" /> {error ?? problem}
          </p>
        )}
        {session && secret && <Invitation engine={engine} secret={secret} person={person} />}
        {session && !secret && !person && <SignIn engine={engine} onSignedIn={signedIn} />}
        {person && !secret && (
          <EngineContext value={{ engine, person, onError: setProblem }}>
            <Content project={query.get("project")} view={query.get("view")} />
          </EngineContext>
        )}
      </main>
    </div>
  );
}

function Content({ project, view }: { readonly project: string | null; readonly view: string | null }) {
  if (!project) return <ProjectList />;
  return <ProjectPage id={project} view={isView(view) ? view : "jobs"} />;
}
