import type { DataEngine, Project } from "@segany/data-engine";
import { Command } from "commander";
import { printJson, printLine } from "../terminal/print.js";
import { addEngineOptions, type EngineArguments, withEngine } from "./open-engine.js";

/** `segany engine status` */
export function statusCommand(): Command {
  const command = new Command("status")
    .summary("show projects, tasks and how far they are")
    .description("Shows projects, their tasks, and how many jobs are in which stage and state.")
    .action(async (options: EngineArguments) => {
      await withEngine(options, async (engine) => {
        const projects = await Promise.all(
          (await engine.projects.list({ limit: 1000 })).map((project) => describe(engine, project)),
        );
        if (options.json) printJson({ projects });
        else for (const line of projects.flatMap(linesOf)) printLine(line);
        if (!options.json && projects.length === 0)
          printLine("There is no project yet; make one with segany engine init PHOTOS.");
      });
    });
  return addEngineOptions(command);
}

type ProjectStatus = Awaited<ReturnType<typeof describe>>;

async function describe(engine: DataEngine, project: Project) {
  const tasks = await Promise.all(
    (await engine.tasks.list(project.id, { limit: 1000 })).map(async ({ id, name, purpose }) => ({
      ...{ id, name, purpose },
      jobs: await engine.jobs.counts(project.id, { task: id }),
    })),
  );
  return { id: project.id, name: project.name, classes: project.classes.map(({ name }) => name), tasks };
}

function linesOf({ name, classes, tasks }: ProjectStatus): string[] {
  const lines = tasks.map(({ name: task, jobs }) => {
    const counts = jobs.map(({ stage, state, count }) => `${count} ${stage} ${state}`);
    return `  ${task}: ${counts.join(", ")}`;
  });
  return [`${name} (${classes.length === 0 ? "no classes" : classes.join(", ")})`, ...lines];
}
