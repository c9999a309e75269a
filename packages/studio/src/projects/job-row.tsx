import type { EngineImageCount, EngineJob, EngineMember } from "../api/engine.js";
import { useAct, useEngine } from "./engine-context.js";
import { isAtLeast, type Role, workOn } from "./standing.js";

interface JobRowProps {
  readonly job: EngineJob;
  /** Undefined for a job that was made just now. */
  readonly images: EngineImageCount | undefined;
  /** Name of the task. */
  readonly task: string;
  readonly members: readonly EngineMember[];
  readonly role: Role | null;
  readonly onChange: () => void;
}

const TYPES: Readonly<Record<EngineJob["type"], string | null>> = {
  annotation: null,
  ground_truth: "ground truth",
  consensus_replica: "replica",
  audit: "audit",
};

/** A job: how far it is, whose turn it is, and the way to it. */
export function JobRow({ job, images, task, members, role, onChange }: JobRowProps) {
  const { person } = useEngine();
  const work = workOn(job, person.id, role);
  return (
    <tr data-job={job.id}>
      <th scope="row">
        {task}
        {TYPES[job.type] && <span className="muted"> ({TYPES[job.type]})</span>}
      </th>
      <td>{images && <ImageCount count={images} />}</td>
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

function ImageCount({ count }: { readonly count: EngineImageCount }) {
  const { images, open, skipped, skips } = count;
  const reasons = skips.map(({ name, reason }) => `${name}: ${reason}`).join("\n");
  return (
    <span className="image-count">
      {images - open} of {images}
      {skipped > 0 && <span title={reasons}>, {skipped} skipped</span>}
    </span>
  );
}

function Assignee({ job, members, role, onChange }: Omit<JobRowProps, "images" | "task">) {
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
