import { type FormEvent, useState } from "react";
import type { EngineJob, EngineMember, EngineTask } from "../api/engine.js";
import { formatNumberOf } from "../text.js";
import { useAct, useEngine } from "./engine-context.js";

export interface TaskListProps {
  readonly tasks: readonly EngineTask[];
  readonly jobs: readonly EngineJob[];
  readonly members: readonly EngineMember[];
  readonly onChange: () => void;
}

/** The tasks, and how their jobs are shared out. */
export function TaskList({ tasks, jobs, members, onChange }: TaskListProps) {
  return (
    <section className="projects-card" aria-labelledby="tasks">
      <h2 id="tasks">Tasks</h2>
      {tasks.length === 0 && <p className="muted">There is no task yet.</p>}
      <ul className="task-list">
        {tasks.map((task) => (
          <Task
            key={task.id}
            {...{ task, members, onChange }}
            jobs={jobs.filter((job) => job.task === task.id)}
          />
        ))}
      </ul>
    </section>
  );
}

interface TaskProps extends Omit<TaskListProps, "tasks"> {
  readonly task: EngineTask;
}

function Task({ task, jobs, members, onChange }: TaskProps) {
  const free = jobs.filter(isFree).length;
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <span className="task-name">
        <strong>{task.name}</strong>{" "}
        <span className="muted">
          {task.purpose === "training" && "training, "}
          {formatNumberOf(jobs.length, "job")}, {free} that nobody has
        </span>
      </span>
      {free > 0 && (
        <button
          type="button"
          className="button button-plain"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Share out<span className="visually-hidden"> {task.name}</span>
        </button>
      )}
      {isOpen && free > 0 && <Shares {...{ task, members, onChange }} />}
    </li>
  );
}

/** What distribution gives away. */
function isFree({ type, stage, state, assignee }: EngineJob): boolean {
  return type === "annotation" && stage === "annotation" && state === "new" && assignee === null;
}

function Shares({ task, members, onChange }: Omit<TaskProps, "jobs">) {
  const { engine } = useEngine();
  const act = useAct();

  async function share(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const shares = Object.fromEntries(members.map(({ person }) => [person, Number(data.get(person))]));
    await act(async () => {
      await engine.distributeTask({ params: { task: task.id }, body: { shares } });
      onChange();
    });
  }

  return (
    <form className="task-shares" onSubmit={(event) => void share(event)}>
      {members.map(({ person, name, role }) => (
        <label key={person} className="field">
          Share of {name}
          <input
            className="name-field"
            type="number"
            name={person}
            min={0}
            step="any"
            required
            defaultValue={role === "worker" ? 1 : 0}
          />
        </label>
      ))}
      <button type="submit" className="button button-primary">
        Give the jobs to them
      </button>
    </form>
  );
}
