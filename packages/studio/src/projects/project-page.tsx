import { useCallback, useEffect } from "react";
import { useEngine, useLoaded } from "./engine-context.js";
import { JobTable } from "./job-table.js";
import { People } from "./people.js";
import { readAll } from "./read-all.js";
import { isAtLeast, roleOf } from "./standing.js";

/** One project: what there is to do, its jobs and its people. */
export function ProjectPage({ id }: { readonly id: string }) {
  const { engine, person } = useEngine();
  const load = useCallback(async () => {
    const params = { project: id };
    const [project, members, tasks, jobs] = await Promise.all([
      engine.getProject({ params }),
      engine.listMembers({ params }),
      readAll((after) => engine.listTasks({ params, query: { after } })),
      readAll((after) => engine.listJobs({ params, query: { after, limit: 1000 } })),
    ]);
    return { project, members, tasks, jobs };
  }, [engine, id]);
  const { value, error, reload } = useLoaded(load);
  const name = value?.project.name;

  useEffect(() => {
    if (name !== undefined) document.title = `${name} – Segany`;
  }, [name]);

  if (!value) return error ? <Failure message={error} /> : null;
  const role = roleOf(person, value.members);
  const query = new URLSearchParams({ project: id });
  return (
    <>
      <section className="projects-card" aria-labelledby="project">
        <div className="project-title">
          <h1 id="project">{name}</h1>
          <ul className="project-classes" aria-label="Classes">
            {value.project.classes.map((each) => (
              <li key={each.name}>
                <span className="swatch" style={{ background: each.colour }} />
                {each.name}
              </li>
            ))}
          </ul>
          <div className="project-actions">
            {isAtLeast(role, "supervisor") && value.project.settings.review && (
              <a className="button button-plain" href={`./?${query}&review=`}>
                Review next job
              </a>
            )}
            <a className="button button-primary" href={`./?${query}`}>
              Label next image
            </a>
          </div>
        </div>
        {error && <Failure message={error} />}
        <JobTable {...value} role={role} onChange={reload} />
      </section>
      <People project={id} members={value.members} role={role} onChange={reload} />
    </>
  );
}

function Failure({ message }: { readonly message: string }) {
  return (
    <p className="bad" role="alert">
      {message}
    </p>
  );
}
