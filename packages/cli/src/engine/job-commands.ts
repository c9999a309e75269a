import type { DataEngine, Job, Task } from "@segany/data-engine";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { printJson, printLine } from "../terminal/print.js";
import { findJobs, findTask, listJobs } from "./find-task.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  createNames,
  type EngineArguments,
  findPerson,
  findProject,
  withEngine,
} from "./open-engine.js";

interface JobsArguments extends EngineArguments {
  readonly project?: string;
}

/** `segany engine tasks jobs` */
export function jobsCommand(): Command {
  const command = new Command("jobs")
    .description("Lists the jobs of a task with their numbers, and whose turn it is.")
    .argument("<task>", "task")
    .option("--project <name>", "project (default: the only one)")
    .action(async (named: string, options: JobsArguments) => {
      await withEngine(options, async (engine) => {
        const task = await findTask(engine, await findProject(engine, options.project), named);
        const jobs = await describeJobs(engine, await listJobs(engine, task));
        if (options.json) printJson({ task: task.id, jobs });
        else for (const job of jobs) printLine(lineOf(job));
      });
    });
  return addEngineOptions(command);
}

async function describeJobs(engine: DataEngine, jobs: readonly Job[]) {
  const nameOf = createNames(engine);
  const described = [];
  for (const [index, { id, type, stage, state, ...people }] of jobs.entries()) {
    const images = await engine.jobs.images(id);
    const open = images.filter((image) => image.state === "open").length;
    const nameOrNull = (person: string | null) => (person === null ? null : nameOf(person));
    described.push({
      ...{ number: index + 1, id, type, stage, state, images: images.length, open },
      assignee: await nameOrNull(people.assignee),
      annotator: await nameOrNull(people.annotator),
      reviewer: await nameOrNull(people.reviewer),
    });
  }
  return described;
}

type DescribedJob = Awaited<ReturnType<typeof describeJobs>>[number];

const TYPES: Readonly<Record<Job["type"], string>> = {
  annotation: "",
  ground_truth: " (ground truth)",
  consensus_replica: " (replica)",
  audit: " (audit)",
};

function lineOf({ number, type, stage, state, images, open, assignee }: DescribedJob): string {
  const whose = assignee === null ? "nobody's yet" : assignee;
  return `${number}${TYPES[type]}: ${stage} ${state}, ${images} images, ${open} open, ${whose}`;
}

interface AssignArguments extends JobsArguments {
  readonly job?: readonly string[];
  readonly nobody?: boolean;
}

/** `segany engine tasks assign` */
export function assignCommand(): Command {
  const command = new Command("assign")
    .description(
      "Gives the task's jobs that nobody has to people, by their shares; or, with --job, some jobs to one person.",
    )
    .argument("<task>", "task")
    .argument("[names...]", "accounts, each with its share: anna=2 ben (1 by default)")
    .option("--job <number...>", "only these jobs, as segany engine tasks jobs numbers them")
    .option("--nobody", "take the jobs back: they are for the first who asks for work")
    .option("--project <name>", "project (default: the only one)")
    .action(runAssign);
  return addActorOption(addEngineOptions(command));
}

async function runAssign(named: string, names: readonly string[], options: AssignArguments): Promise<void> {
  const { job, nobody = false } = options;
  checkArguments(names, job, nobody);
  await withEngine(options, async (engine) => {
    const task = await findTask(engine, await findProject(engine, options.project), named);
    const by = await actor(engine, options);
    const given =
      job === undefined
        ? await distribute(engine, by, task, names)
        : await assign(engine, by, task, job, nobody ? null : names[0]!);
    if (options.json) printJson({ task: task.id, given });
    else for (const [name, count] of Object.entries(given)) printLine(`${name}: ${count} jobs`);
  });
}

function checkArguments(
  names: readonly string[],
  jobs: readonly string[] | undefined,
  nobody: boolean,
): void {
  if (nobody && (jobs === undefined || names.length > 0))
    throw new UsageError("--nobody takes jobs back: give their numbers with --job, and no name.");
  if (!nobody && names.length === 0) throw new UsageError("Say who gets the jobs: anna, or anna=2 ben=1.");
  if (!nobody && jobs !== undefined && names.length > 1)
    throw new UsageError("With --job the jobs are given to one person; several share what nobody has.");
}

/** By share. @returns number of jobs by name */
async function distribute(engine: DataEngine, by: string, task: Task, names: readonly string[]) {
  const shares: Record<string, number> = {};
  const nameOf = new Map<string, string>();
  for (const each of names) {
    const [name, share] = readShare(each);
    const id = await findPerson(engine, name);
    if (nameOf.has(id)) throw new UsageError(`"${name}" is named twice; give one share.`);
    nameOf.set(id, name);
    shares[id] = share;
  }
  const given = await engine.jobs.distribute(by, task.id, shares);
  return Object.fromEntries(Object.entries(given).map(([id, count]) => [nameOf.get(id)!, count]));
}

function readShare(text: string): readonly [name: string, share: number] {
  const [, name = text, share = "1"] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const value = share.trim() === "" ? Number.NaN : Number(share);
  if (Number.isFinite(value) && value > 0) return [name, value];
  throw new UsageError(`The share of "${name}" is "${share}"; it must be a number above 0.`);
}

/** By hand; null takes the jobs back. @returns number of jobs by name */
async function assign(
  engine: DataEngine,
  by: string,
  task: Task,
  named: readonly string[],
  name: string | null,
) {
  const person = name === null ? null : await findPerson(engine, name);
  const jobs = new Set(findJobs(await listJobs(engine, task), task, named));
  for (const { id } of jobs) await engine.jobs.assign(by, id, person);
  return { [name ?? "nobody"]: jobs.size };
}
