import { openingOf } from "@segany/data-engine";
import { Command } from "commander";
import { parseWithin } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { versionJson, versionLines } from "./model-lines.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

/** `segany engine models` */
export function modelsCommand(): Command {
  const command = new Command("models")
    .summary("list and compare a project's model versions; choose one")
    .description(
      "Lists the versions of a project's model: what each was trained on, and its mean IoU on the frozen images before and after.",
    )
    .argument("[project]", "name or id of the project (default: the only one)")
    .action(list)
    .addHelpText(
      "after",
      `
Examples:
  segany engine models
  segany engine models use 1 --reason "2 loses small objects"`,
    );
  return addEngineOptions(command).addCommand(useCommand());
}

async function list(named: string | undefined, options: EngineArguments): Promise<void> {
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, named);
    const versions = await engine.models.list(project.id);
    if (options.json) return printJson({ project: project.id, versions: versions.map(versionJson) });
    if (versions.length === 0)
      printLine(`${project.name} has no model version yet; train one with segany engine retrain.`);
    for (const version of versions) for (const line of versionLines(version)) printLine(line);
  });
}

interface UseArguments extends EngineArguments {
  readonly reason: string;
}

function useCommand(): Command {
  const command = new Command("use")
    .summary("make a version the current one, an earlier one too")
    .description(
      "Makes a version the one that the project uses from now on: a new one that is not better, or an earlier one again. A running server takes it over.",
    )
    .argument("<version>", "number of the version", parseWithin(0, 2 ** 31))
    .argument("[project]", "name or id of the project (default: the only one)")
    .requiredOption("--reason <text>", "why; kept with the version and in the audit log")
    .action(use);
  return addActorOption(addEngineOptions(command));
}

async function use(number: number, named: string | undefined, options: UseArguments): Promise<void> {
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, named);
    openingOf(options.data, await engine.models.byNumber(project.id, number));
    const used = await engine.models.use(await actor(engine, options), project.id, number, options.reason);
    if (options.json) printJson(versionJson(used));
    else printLine(`Version ${number} is the current one of ${project.name}.`);
  });
}
