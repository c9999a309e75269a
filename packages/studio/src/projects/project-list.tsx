import { useCallback } from "react";
import { useEngine, useLoaded } from "./engine-context.js";
import { readAll } from "./read-all.js";

/** The projects that the person works on. */
export function ProjectList() {
  const { engine } = useEngine();
  const load = useCallback(() => readAll((after) => engine.listProjects({ query: { after } })), [engine]);
  const { value: projects, error } = useLoaded(load);
  return (
    <section className="projects-card" aria-labelledby="projects">
      <h1 id="projects">Projects</h1>
      {error && (
        <p className="bad" role="alert">
          {error}
        </p>
      )}
      {projects?.length === 0 && (
        <p className="muted">
          There is no project for you yet. <code>segany engine init photos/ --class pear apple</code> makes
          one of a folder of images.
        </p>
      )}
      <ul className="project-list">
        {projects?.map(({ id, name, classes }) => (
          <li key={id}>
            <a className="project-link" href={`projects.html?${new URLSearchParams({ project: id })}`}>
              <strong>{name}</strong>
              <span className="muted">
                {classes.length === 0 ? "without classes" : classes.map((each) => each.name).join(", ")}
              </span>
            </a>
            <a className="button button-primary" href={`./?${new URLSearchParams({ project: id })}`}>
              Label<span className="visually-hidden"> {name}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
