import { useCallback } from "react";
import type { EngineJob, EngineMember, EngineTask } from "../api/engine.js";
import { formatNumberOf } from "../text.js";
import { useAct, useEngine, useLoaded } from "./engine-context.js";
import { isAtLeast, type Role, workOn } from "./standing.js";

/** So many rows; the counts above are of all jobs. */
const MAX_ROWS = 200;

export interface JobTableProps {
  readonly tasks: readonly EngineTask[];
  readonly jobs: readonly EngineJob[];
  readonly members: readonly EngineMember[];
  readonly role: Role | null;
  readonly onChange: () => void;
}

/** The jobs of a project, with how far each is, whose it is, and the way to it. */
export function JobTable({ tasks, jobs, members, role, onChange }: JobTableProps) {
  if (jobs.length === 0)
    return <p className="muted">You have no jobs yet: “Label next image” gives you the next one.</p>;
  const taskNames = new Map(tasks.map(({ id, name }) => [id, name]));
  return (
    <>
      <JobCounts jobs={jobs} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
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
            {jobs.slice(0, MAX_ROWS).map((job) => (
              <JobRow
                key={job.id}
                {...{ job, members, role, onChange }}
                task={taskNames.get(job.task) ?? ""}
              />
            ))}
          </tbody>
        </table>
      </section>
      {jobs.length > MAX_ROWS && (
        <p className="muted">
          The first {MAX_ROWS} of {jobs.length} jobs.
        </p>
      )}
    </>
  );
}

/** How many jobs are in each stage, and how much of all is accepted. */
function JobCounts({ jobs }: { readonly jobs: readonly EngineJob[] }) {
  const count = (stage: EngineJob["stage"]) => jobs.filter((job) => job.stage === stage).length;
  const rejected = jobs.filter(({ state }) => state === "rejected").length;
  const accepted = count("acceptance");
  return (
    <div className="job-counts">
      <progress aria-label="Jobs that are accepted" value={accepted} max={jobs.length} />
      <p>
        {formatNumberOf(jobs.length, "job")}: {count("annotation")} to label
        {rejected > 0 && ` (${rejected} rejected)`}, {count("validation")} in review, {accepted} accepted
      </p>
    </div>
  );
}

interface JobRowProps extends Omit<JobTableProps, "tasks" | "jobs"> {
  readonly job: EngineJob;
  readonly task: string;
}

const TYPES: Readonly<Record<EngineJob["type"], string | null>> = {
  annotation: null,
  ground_truth: "ground truth",
  consensus_replica: "replica",
  audit: "audit",
};

function JobRow({ job, task, members, role, onChange }: JobRowProps) {
  const { person } = useEngine();
  const work = workOn(job, person.id, role);
  return (
    <tr data-job={job.id}>
      <th scope="row">
        {task}
        {TYPES[job.type] && <span className="muted"> ({TYPES[job.type]})</span>}
      </th>
      <td>
        <ImageCount job={job} />
      </td>
      <td>{job.stage}</td>
      <td>
        <span className={`job-state job-state-${job.state.replace(" ", "-")}`}>{job.state}</span>
      </td>
      <td>
        <Assignee {...{ job, members, role, onChange }} />
      </td>
      <td>
        {work && (
          <a className="button button-plain" href={`./?${new URLSearchParams({ job: job.id })}`}>
            {work}
          </a>
        )}
      </td>
    </tr>
  );
}

function ImageCount({ job: { id, updatedAt } }: { readonly job: EngineJob }) {
  const { engine } = useEngine();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a job that has changed is counted again.
  const load = useCallback(() => engine.listJobImages({ params: { job: id } }), [engine, id, updatedAt]);
  const { value: images } = useLoaded(load);
  if (!images) return <span className="muted">…</span>;
  const done = images.filter(({ state }) => state !== "open").length;
  const skipped = images.filter(({ state }) => state === "skipped");
  const reasons = skipped.map(({ name, skipReason }) => `${name}: ${skipReason ?? ""}`).join("\n");
  return (
    <span className="image-count">
      {done} of {images.length}
      {skipped.length > 0 && <span title={reasons}>, {skipped.length} skipped</span>}
    </span>
  );
}

function Assignee({ job, members, role, onChange }: Omit<JobRowProps, "task">) {
  const { engine } = useEngine();
  const act = useAct();
  const name = members.find(({ person }) => person === job.assignee)?.name;
  if (!isAtLeast(role, "supervisor") || job.stage === "acceptance")
    return <span className={name ? undefined : "muted"}>{name ?? "nobody"}</span>;
  return (
    <select
      aria-label="Whose turn it is"
      value={job.assignee ?? ""}
      onChange={({ target }) =>
        void act(async () => {
          const body = { assignee: target.value || null };
          await engine.assignJob({ params: { job: job.id }, body });
          onChange();
        })
      }
    >
      <option value="">first who asks</option>
      {members.map((member) => (
        <option key={member.person} value={member.person}>
          {member.name}
        </option>
      ))}
    </select>
  );
}
