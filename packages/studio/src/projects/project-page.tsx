import { lazy, Suspense, useCallback, useEffect } from "react";
import type { EngineProject } from "../api/engine.js";
import { useEngine, useLoaded } from "./engine-context.js";
import { Failure } from "./failure.js";
import { JobTable } from "./job-table.js";
import { People } from "./people.js";
import { readAll } from "./read-all.js";
import { isAtLeast, type Role, roleOf } from "./standing.js";

/** What is seen of a project. */
export type ProjectView = "jobs" | "statistics" | "model" | "setup" | "machine";

const StatisticsPage = lazy(async () => ({
  default: (await import("./statistics-page.js")).StatisticsPage,
}));

const ModelPage = lazy(async () => ({ default: (await import("./model-page.js")).ModelPage }));

const SetupPage = lazy(async () => ({ default: (await import("./setup-page.js")).SetupPage }));

const MachinePage = lazy(async () => ({ default: (await import("./machine-page.js")).MachinePage }));

/** One project: its jobs and people, or its statistics, its model, its tasks and classes, its machine. */
export function ProjectPage({ id, view }: { readonly id: string; readonly view: ProjectView }) {
  const { engine, person } = useEngine();
  const load = useCallback(async () => {
    const params = { project: id };
    const [project, members, tasks, jobs] = await Promise.all([
      engine.getProject({ params }),
      engine.listMembers({ params }),
      readAll((after) => engine.listTasks({ params, query: { after } })),
      view === "setup" ? readAll((after) => engine.listJobs({ params, query: { after, limit: 1000 } })) : [],
    ]);
    return { project, members, tasks, jobs };
  }, [engine, id, view]);
  const { value, error, reload } = useLoaded(load);
  const name = value?.project.name;

  useEffect(() => {
    if (name !== undefined) document.title = `${name} – Segany`;
  }, [name]);

  if (!value) return error ? <Failure message={error} /> : null;
  const role = roleOf(person, value.members);
  return (
    <>
      <section className="projects-card" aria-labelledby="project">
        <ProjectTitle project={value.project} role={role} />
        {isAtLeast(role, "supervisor") && <Views project={id} {...{ view, role }} />}
        {error && <Failure message={error} />}
        {view === "jobs" && <JobTable project={id} tasks={value.tasks} members={value.members} role={role} />}
      </section>
      {view === "jobs" && <People project={id} members={value.members} role={role} onChange={reload} />}
      <Suspense>
        {view === "statistics" && <StatisticsPage project={id} />}
        {view === "model" && <ModelPage project={id} role={role} />}
        {view === "machine" && isAtLeast(role, "maintainer") && (
          <MachinePage project={value.project} tasks={value.tasks} onChange={reload} />
        )}
        {view === "setup" && <SetupPage {...value} role={role} onChange={reload} />}
      </Suspense>
    </>
  );
}

interface ProjectTitleProps {
  readonly project: EngineProject;
  readonly role: Role | null;
}

function ProjectTitle({ project: { id, name, classes, settings }, role }: ProjectTitleProps) {
  const query = new URLSearchParams({ project: id });
  return (
    <div className="project-title">
      <h1 id="project">{name}</h1>
      <ul className="project-classes" aria-label="Classes">
        {classes.map((each) => (
          <li key={each.name}>
            <span className="swatch" style={{ background: each.colour }} />
            {each.name}
          </li>
        ))}
      </ul>
      <div className="project-actions">
        {isAtLeast(role, "supervisor") && settings.review && (
          <a className="button button-plain" href={`./?${query}&review=`}>
            Review next job
          </a>
        )}
        <a className="button button-primary" href={`./?${query}`}>
          Label next image
        </a>
      </div>
    </div>
  );
}

const VIEWS: Readonly<Record<ProjectView, string>> = {
  jobs: "Jobs and people",
  statistics: "Statistics",
  model: "Model",
  setup: "Tasks and classes",
  machine: "Machine",
};

export function isView(name: string | null): name is ProjectView {
  return name !== null && Object.hasOwn(VIEWS, name);
}

interface ViewsProps {
  /** Id of the project. */
  readonly project: string;
  readonly view: ProjectView;
  readonly role: Role | null;
}

function Views({ project, view, role }: ViewsProps) {
  const views = Object.entries(VIEWS).filter(([name]) => name !== "machine" || isAtLeast(role, "maintainer"));
  return (
    <nav className="project-views" aria-label="Of the project">
      {views.map(([name, text]) => (
        <a
          key={name}
          className="button button-quiet"
          aria-current={name === view ? "page" : undefined}
          href={`projects.html?${new URLSearchParams({ project, ...(name !== "jobs" && { view: name }) })}`}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}
