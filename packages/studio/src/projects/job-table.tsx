import { useCallback, useState } from "react";
import type { EngineJobCount, EngineMember, EngineTask } from "../api/engine.js";
import { formatCount, formatNumberOf } from "../text.js";
import { useEngine, useLoaded } from "./engine-context.js";
import { Failure } from "./failure.js";
import { JobRow } from "./job-row.js";
import type { Role } from "./standing.js";

/** Jobs that are shown at once. */
const PAGE = 50;

export interface JobTableProps {
  /** Id of the project. */
  readonly project: string;
  readonly tasks: readonly EngineTask[];
  readonly members: readonly EngineMember[];
  readonly role: Role | null;
}

/** The jobs of a project or of one task, page by page: how far each is, whose it is, and the way to it. */
export function JobTable({ project, tasks, members, role }: JobTableProps) {
  const [task, setTask] = useState("");
  const [ends, setEnds] = useState<readonly string[]>([]); // the last jobs of the pages before
  const { value, error, reload } = useJobs(project, task, ends);
  if (!value) return error ? <Failure message={error} /> : null;
  const { jobs, counts, images, start } = value;
  const total = sumOf(counts);
  const taskNames = new Map(tasks.map(({ id, name }) => [id, name]));
  const choose = (id: string) => {
    setTask(id);
    setEnds([]);
  };
  return (
    <>
      {error && <Failure message={error} />}
      {tasks.length > 1 && <TaskChoice tasks={tasks} task={task} onChoose={choose} />}
      {total === 0 ? (
        <p className="muted">You have no jobs yet: “Label next image” gives you the next one.</p>
      ) : (
        <JobCounts counts={counts} total={total} />
      )}
      {jobs.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <section className="table-frame" aria-label="Jobs" tabIndex={0}>
          <table className="job-table">
            <thead>
              <tr>
                {["Task", "Images", "Stage", "State", "Whose turn", "Work"].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <JobRow
                  key={job.id}
                  {...{ job, members, role }}
                  images={images.find((count) => count.job === job.id)}
                  task={taskNames.get(job.task) ?? ""}
                  onChange={reload}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {total > PAGE && (
        <nav className="job-pages" aria-label="Pages of jobs">
          <button
            className="button button-plain"
            type="button"
            disabled={start === 0}
            onClick={() => setEnds(ends.slice(0, -1))}
          >
            Previous
          </button>
          <span role="status">
            Jobs {formatCount(start + 1)} to {formatCount(start + jobs.length)} of {formatCount(total)}
          </span>
          <button
            className="button button-plain"
            type="button"
            disabled={start + jobs.length >= total}
            onClick={() => setEnds([...ends, jobs.at(-1)!.id])}
          >
            Next
          </button>
        </nav>
      )}
    </>
  );
}

/** A page of jobs, and how many there are in all. @param task "" for all tasks */
function useJobs(project: string, task: string, ends: readonly string[]) {
  const { engine } = useEngine();
  const load = useCallback(async () => {
    const params = { project };
    const filter = task === "" ? {} : { task };
    const after = ends.at(-1);
    const query = { ...filter, limit: PAGE, ...(after !== undefined && { after }) };
    const [counts, { items: jobs }, { items: images }] = await Promise.all([
      engine.countJobs({ params, query: filter }),
      engine.listJobs({ params, query }),
      engine.countJobImages({ params, query }),
    ]);
    return { counts, jobs, images, start: ends.length * PAGE };
  }, [engine, project, task, ends]);
  return useLoaded(load);
}

const sumOf = (counts: readonly EngineJobCount[]) => counts.reduce((sum, { count }) => sum + count, 0);

interface TaskChoiceProps {
  readonly tasks: readonly EngineTask[];
  readonly task: string;
  readonly onChoose: (task: string) => void;
}

function TaskChoice({ tasks, task, onChoose }: TaskChoiceProps) {
  return (
    <label className="task-choice">
      Jobs of{" "}
      <select value={task} onChange={({ target }) => onChoose(target.value)}>
        <option value="">all tasks</option>
        {tasks.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface JobCountsProps {
  readonly counts: readonly EngineJobCount[];
  readonly total: number;
}

/** How many jobs are in each stage, and how much of all is accepted. */
function JobCounts({ counts, total }: JobCountsProps) {
  const count = (stage: EngineJobCount["stage"]) => sumOf(counts.filter((each) => each.stage === stage));
  const rejected = sumOf(counts.filter(({ state }) => state === "rejected"));
  const accepted = count("acceptance");
  return (
    <div className="job-counts">
      <progress aria-label="Jobs that are accepted" value={accepted} max={total} />
      <p>
        {formatNumberOf(total, "job")}: {formatCount(count("annotation"))} to label
        {rejected > 0 && ` (${formatCount(rejected)} rejected)`}, {formatCount(count("validation"))} in
        review, {formatCount(accepted)} accepted
      </p>
    </div>
  );
}
