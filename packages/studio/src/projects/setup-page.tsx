import type { EngineProject } from "../api/engine.js";
import { ClassEditor } from "./class-editor.js";
import { isAtLeast, type Role } from "./standing.js";
import { TaskForm } from "./task-form.js";
import { TaskList, type TaskListProps } from "./task-list.js";

export interface SetupPageProps extends TaskListProps {
  readonly project: EngineProject;
  readonly role: Role | null;
}

/** What a project is made of: its tasks, and its classes. */
export function SetupPage({ project, role, ...list }: SetupPageProps) {
  const mayChange = isAtLeast(role, "maintainer");
  return (
    <>
      <TaskList {...list} />
      {mayChange && (
        <TaskForm key={list.tasks.length} {...{ project }} tasks={list.tasks} onChange={list.onChange} />
      )}
      {mayChange && <ClassEditor key={project.version} project={project} onChange={list.onChange} />}
    </>
  );
}
