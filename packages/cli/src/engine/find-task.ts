import type { DataEngine, Job, Project, Task } from "@segany/data-engine";
import { UsageError } from "../cli-error.js";

/** Rows that are read at once. */
const PAGE = 1000;

/** All tasks of a project, oldest first. */
export function listTasks({ tasks }: DataEngine, project: string): Promise<Task[]> {
  return readAll((after) => tasks.list(project, { ...after, limit: PAGE }));
}

/** All jobs of a task, oldest first: a job's number is its place in this list, from 1. */
export function listJobs({ jobs }: DataEngine, { id, project }: Task): Promise<Job[]> {
  return readAll((after) => jobs.list(project, { task: id, ...after, limit: PAGE }));
}

async function readAll<T extends { readonly id: string }>(
  read: (after: { readonly after?: string }) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await read(last ? { after: last.id } : {});
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** A task by name or id. @throws UsageError if there is none, or several of that name */
export async function findTask(engine: DataEngine, project: Project, named: string): Promise<Task> {
  const tasks = await listTasks(engine, project.id);
  const fitting = tasks.filter(({ id, name }) => id === named || name === named);
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length > 1)
    throw new UsageError(
      `There are ${fitting.length} tasks "${named}"; name one by its id: ${fitting.map(({ id }) => id).join(", ")}.`,
    );
  const names = tasks.map(({ name }) => `"${name}"`).join(", ") || "none";
  throw new UsageError(`The project "${project.name}" has no task "${named}". Tasks: ${names}.`);
}

/** Jobs by number or id. @throws UsageError for one that the task does not have */
export function findJobs(jobs: readonly Job[], task: Task, named: readonly string[]): Job[] {
  return named.map((each) => {
    const job =
      jobs.find(({ id }) => id === each) ?? (/^\d+$/.test(each) ? jobs[Number(each) - 1] : undefined);
    if (job) return job;
    throw new UsageError(
      `The task "${task.name}" has no job "${each}"; it has ${jobs.length}, see segany engine tasks jobs.`,
    );
  });
}
