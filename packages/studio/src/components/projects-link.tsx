import type { ReactNode } from "react";

export interface ProjectsLinkProps {
  readonly look: "plain" | "primary" | "quiet";
  readonly children: ReactNode;
}

/** To the page with projects, jobs and people; one that has to sign in comes back here. */
export function ProjectsLink({ look, children }: ProjectsLinkProps) {
  const back = new URLSearchParams({ back: location.search });
  return (
    <a className={`button button-${look}`} href={location.search ? `projects.html?${back}` : "projects.html"}>
      {children}
    </a>
  );
}
