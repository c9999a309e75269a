import type { DataEngine, WorkItem, WorkState } from "@segany/data-engine";
import { Command, Option } from "commander";
import { parseCount } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { addEngineOptions, type EngineArguments, findProject, withEngine } from "./open-engine.js";

interface ListArguments extends EngineArguments {
  readonly project?: string;
  readonly kind?: string;
  readonly state?: WorkState;
  readonly limit: number;
}

/** `segany engine work` */
export function workCommand(): Command {
  return new Command("work")
    .summary("show the machine's work, cancel it, run it again")
    .description("The machine's work: embeddings, everything mode, imports, exports, trainings.")
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(cancelCommand())
    .addCommand(againCommand());
}

function listCommand(): Command {
  const command = new Command("list")
    .description(
      "Shows work that servers, workers and commands do: how far it is, and why it failed. Newest first.",
    )
    .option("--project <name>", "only of this project (default: all)")
    .option("--kind <kind>", "only of this kind, such as segment or export")
    .addOption(
      new Option("--state <state>", "only in this state").choices([
        "queued",
        "running",
        "done",
        "dead",
        "cancelled",
      ]),
    )
    .option("-n, --limit <n>", "items at most", parseCount, 20)
    .action(runList);
  return addEngineOptions(command);
}

async function runList(options: ListArguments): Promise<void> {
  await withEngine(options, async (engine) => {
    const { kind, state, limit } = options;
    const { items } = await engine.workQueue.list({
      ...(options.project !== undefined && { project: (await findProject(engine, options.project)).id }),
      ...(kind !== undefined && { kind }),
      ...(state !== undefined && { state }),
      limit,
    });
    if (options.json) printJson({ work: items });
    else for (const item of items) printLine(lineOf(item));
    if (!options.json && items.length === 0) printLine("There is no such work.");
  });
}

function cancelCommand(): Command {
  return changeCommand("cancel", "cancel work that waits or runs", ({ workQueue }, id) =>
    workQueue.cancel(id),
  );
}

function againCommand(): Command {
  return changeCommand(
    "again",
    "queue work again that failed for good or was cancelled; it goes on where it was",
    ({ workQueue }, id) => workQueue.runAgain(id),
  );
}

function changeCommand(
  name: string,
  summary: string,
  change: (engine: DataEngine, id: string) => Promise<WorkItem>,
): Command {
  const command = new Command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .argument("<id>", "id of the work")
    .action(async (id: string, options: EngineArguments) => {
      await withEngine(options, async (engine) => {
        const item = await change(engine, id);
        if (options.json) printJson(item);
        else printLine(lineOf(item));
      });
    });
  return addEngineOptions(command);
}

function lineOf({ id, kind, state, attempt, progress, error, cancelRequested }: WorkItem): string {
  const { done, total } = (progress ?? {}) as { readonly done?: number; readonly total?: number | null };
  const howFar =
    state === "done" || typeof done !== "number"
      ? ""
      : typeof total === "number"
        ? `, ${done} of ${total}`
        : `, ${done}`;
  const attempts = attempt > 1 ? `, attempt ${attempt}` : "";
  const cancelled = cancelRequested && state === "running" ? ", to be cancelled" : "";
  const why = error !== null && state !== "done" ? `: ${error.split("\n")[0]}` : "";
  return `${id} ${kind} ${state}${howFar}${attempts}${cancelled}${why}`;
}
