import type { DataEngine, Project, Task, TaskImage } from "@segany/data-engine";
import { fileNamePattern } from "@segany/dataset";
import { listStoredImages } from "@segany/server";
import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { parseWithin } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { findTask, listTasks } from "./find-task.js";
import { assignCommand, jobsCommand } from "./job-commands.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

const EXAMPLES = `
Examples:
  segany engine tasks                                          list them
  segany engine tasks add "second batch" --images-per-job 20   images that no task has yet
  segany engine tasks add cats --image "cat-*.jpg" --jobs 4
  segany engine tasks jobs cats
  segany engine tasks assign cats anna=2 ben                   Anna gets two of three jobs
  segany engine tasks assign cats cleo --job 3`;

/** `segany engine tasks` */
export function tasksCommand(): Command {
  return new Command("tasks")
    .summary("list and make tasks, give jobs to people")
    .description("Lists and makes the tasks of a project, and gives their jobs to people.")
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(addCommand())
    .addCommand(groundTruthCommand())
    .addCommand(jobsCommand())
    .addCommand(assignCommand())
    .addHelpText("after", EXAMPLES);
}

interface ProjectArguments extends EngineArguments {
  readonly project?: string;
}

function listCommand(): Command {
  const command = new Command("list")
    .description("Lists the tasks of a project, and how many of their jobs are in which stage and state.")
    .option("--project <name>", "project (default: the only one)")
    .action(async (options: ProjectArguments) => {
      await withEngine(options, async (engine) => {
        const project = await findProject(engine, options.project);
        const tasks = await Promise.all(
          (await listTasks(engine, project.id)).map((task) => describe(engine, task)),
        );
        if (options.json) printJson({ project: project.id, tasks });
        else for (const task of tasks) printLine(lineOf(task));
        if (!options.json && tasks.length === 0) printLine(`The project "${project.name}" has no task.`);
      });
    });
  return addEngineOptions(command);
}

async function describe({ tasks, jobs }: DataEngine, { id, project, name, purpose, createdAt }: Task) {
  const images = (await tasks.images(id)).length;
  return { id, name, purpose, createdAt, images, jobs: await jobs.counts(project, { task: id }) };
}

function lineOf({ name, purpose, images, jobs }: Awaited<ReturnType<typeof describe>>): string {
  const counts = jobs.map(({ stage, state, count }) => `${count} ${stage} ${state}`);
  return `${name}${purpose === "training" ? " (training)" : ""}: ${images} images; jobs: ${counts.join(", ")}`;
}

interface AddArguments extends ProjectArguments {
  readonly image?: readonly string[];
  readonly imagesPerJob?: number;
  readonly jobs?: number;
  readonly replicas: number;
  readonly training?: boolean;
}

const IMAGES_PER_JOB = 10;

function addCommand(): Command {
  const command = new Command("add")
    .description(
      "Makes a task of images in the data folder: those that no task of the project has yet, or those with the names given.",
    )
    .argument("<name>", "name of the task")
    .option("--project <name>", "project (default: the only one)")
    .option("--image <pattern...>", "images whose name contains this; * matches anything")
    .option(
      "--images-per-job <n>",
      "images that one person gets at a time (default: 10)",
      parseWithin(1, 1e6),
    )
    .addOption(
      new Option("--jobs <n>", "number of jobs that share the images")
        .argParser(parseWithin(1, 1e6))
        .conflicts("imagesPerJob"),
    )
    .option(
      "--replicas <n>",
      "people who label each image, blind; their masks are merged",
      parseWithin(1, 10),
      1,
    )
    .addOption(
      new Option(
        "--training",
        "a task that newcomers label first; its first job is the ground truth",
      ).conflicts(["imagesPerJob", "jobs"]),
    )
    .action(runAdd);
  return addActorOption(addEngineOptions(command));
}

async function runAdd(name: string, options: AddArguments): Promise<void> {
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, options.project);
    const images = await selectImages(engine, project, options);
    const { jobs, replicas } = options;
    const task = await engine.tasks.create(await actor(engine, options), {
      ...{
        project: project.id,
        name,
        images,
        replicas,
        purpose: options.training ? "training" : "production",
      },
      ...(jobs === undefined ? { imagesPerJob: options.imagesPerJob ?? IMAGES_PER_JOB } : { jobs }),
    });
    const counts = await engine.jobs.counts(project.id, { task: task.id });
    const made = counts.reduce((sum, { count }) => sum + count, 0);
    if (options.json) printJson({ project: project.id, task: task.id, images: images.length, jobs: made });
    else printLine(`The task "${task.name}" has ${images.length} images in ${made} jobs.`);
  });
}

/** @throws UsageError if there is no such image */
async function selectImages(
  engine: DataEngine,
  project: Project,
  { data, image }: AddArguments,
): Promise<readonly TaskImage[]> {
  const stored = await listStoredImages(data);
  const found = image ? stored.filter(nameTest(image)) : await withoutTask(engine, project, stored);
  if (found.length > 0) return found.map(({ id, name, width, height }) => ({ id, name, width, height }));
  throw new UsageError(
    image
      ? `None of the ${stored.length} images in "${data}" is named ${image.map((each) => `"${each}"`).join(" or ")}.`
      : `All ${stored.length} images in "${data}" are in a task of "${project.name}"; choose some with --image, or add images with segany engine init.`,
  );
}

function nameTest(patterns: readonly string[]): (image: { readonly name: string }) => boolean {
  const tests = patterns.map(fileNamePattern);
  return ({ name }) => tests.some((test) => test(name));
}

async function withoutTask<T extends { readonly id: string }>(
  engine: DataEngine,
  project: Project,
  images: readonly T[],
): Promise<T[]> {
  const taken = new Set<string>();
  for (const task of await listTasks(engine, project.id))
    for (const { id } of await engine.tasks.images(task.id)) taken.add(id);
  return images.filter(({ id }) => !taken.has(id));
}

interface GroundTruthArguments extends ProjectArguments {
  readonly image: readonly string[];
}

function groundTruthCommand(): Command {
  const command = new Command("ground-truth")
    .description(
      "Adds a job in which trusted people label some images of a task; others' accuracy is measured on these.",
    )
    .argument("<task>", "task")
    .option("--project <name>", "project (default: the only one)")
    .requiredOption("--image <pattern...>", "images whose name contains this; * matches anything")
    .action(async (named: string, options: GroundTruthArguments) => {
      await withEngine(options, async (engine) => {
        const task = await findTask(engine, await findProject(engine, options.project), named);
        const images = (await engine.tasks.images(task.id)).filter(nameTest(options.image));
        if (images.length === 0)
          throw new UsageError(
            `The task "${task.name}" has no image of that name: ${options.image.join(", ")}.`,
          );
        const ids = images.map(({ id }) => id);
        const job = await engine.tasks.addGroundTruth(await actor(engine, options), task.id, ids);
        if (options.json) printJson({ task: task.id, job, images: images.length });
        else printLine(`The task "${task.name}" has a ground-truth job of ${images.length} images.`);
      });
    });
  return addActorOption(addEngineOptions(command));
}
