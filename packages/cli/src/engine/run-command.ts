import { resolve } from "node:path";
import {
  createStageWork,
  type DataEngine,
  type Project,
  STAGE_BY_COMMAND,
  type StageRun,
  type StageSettings,
} from "@segany/data-engine";
import { runStage } from "@segany/data-engine/loop";
import { createImageReader } from "@segany/server";
import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { addModelSelection, applyVerbose, type ModelOptions, selectedModel } from "../model-options.js";
import { parseCount, parseNumber, parseShare } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { stepProgress } from "../train/step-progress.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";
import { runWorkHere } from "./run-work-here.js";

interface RunArguments extends Omit<EngineArguments, "quiet">, ModelOptions {
  readonly stage: "2" | "3";
  readonly output?: string;
  readonly shardSize: number;
  readonly withImages: boolean;
  readonly precisionOfFilled: number;
  readonly behaviour: StageSettings["behaviour"];
  readonly pointsPerSide?: number;
  readonly count?: number;
  readonly order?: StageSettings["order"];
  readonly randomShare?: number;
}

/** `segany engine run` */
export function runCommand(): Command {
  const command = new Command("run")
    .summary("have the model label open images: stage 2 for people to go on from, stage 3 alone")
    .description(
      "Runs everything mode with the project's current model over images that are open and have no mask, and keeps masks that are sure enough. How sure that is, is learned from accepted images that the model was not trained on. A run that was stopped or killed goes on with the same command.",
    )
    .argument("[project]", "name or id of the project (default: the only one)")
    .addOption(
      new Option("--stage <n>", "2: pre-fills what people correct; 3: labels all images that are left")
        .choices(["2", "3"])
        .makeOptionMandatory(),
    )
    .option("-o, --output <folder>", "stage 3: folder for SA-1B shards, written as it goes")
    .option("--shard-size <megabytes>", "size of a shard at most", parseCount, 1000)
    .option("--no-with-images", "write masks only, no image files")
    .option("-n, --count <images>", "images at most (default: all)", parseCount)
    .option("--precision-of-filled <share>", "share of good masks to aim at", parseNumber, 0.9)
    .addOption(
      new Option("--behaviour <name>", "of everything mode; paper has crops, and takes 10 times as long")
        .choices(["official", "paper", "fast"])
        .default("official"),
    )
    .option("--points-per-side <n>", "of everything mode", parseCount)
    .addOption(
      new Option(
        "--order <name>",
        "stage 2, in which order people get the images: as given, or active, those first that the model is least sure of",
      ).choices(["given", "active"]),
    )
    .option(
      "--random-share <n>",
      "with --order active: share of the images that come at random, 0 to 1 (default: 0.2)",
      parseShare,
    )
    .action(run);
  addActorOption(addEngineOptions(command));
  return addModelSelection(
    command.optionsGroup("The model that a project begins with, and where it runs:"),
  ).addHelpText(
    "after",
    `
Examples:
  segany engine run --stage 2                    people find masks there, and correct them
  segany engine run --stage 3 -o shards
  segany engine audit                            how good those of stage 3 are`,
  );
}

async function run(named: string | undefined, options: RunArguments): Promise<void> {
  const stage = options.stage === "2" ? 2 : 3;
  if (stage === 2 && options.output !== undefined)
    throw new UsageError(
      "--output is for stage 3; masks of stage 2 are for people: see segany engine export.",
    );
  if (stage === 3 && options.order !== undefined)
    throw new UsageError("--order is for stage 2: nobody gets the images of stage 3.");
  if (options.randomShare !== undefined && options.order !== "active")
    throw new UsageError("--random-share is for --order active.");
  applyVerbose(options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  await withEngine(engineOptions(options), async (engine) => {
    const project = await findProject(engine, named);
    const begun = await beginOrGoOn(engine, project, stage, options, progress);
    const steps = stepProgress(progress);
    const work = createStageWork(engine.context, labeller(engine, options));
    await runWorkHere(engine, begun.work, work, (now) => {
      const { what, done, total } = now as { what: string; done: number; total: number };
      steps.update(what === "learning" ? "Learning what is sure" : "Labelling", done, total);
    });
    progress.end();
    const done = await engine.stages.get(begun.id);
    if (options.json) printJson(done);
    else for (const line of resultLines(done)) printLine(line);
  });
}

const engineOptions = ({ quiet = false, ...options }: RunArguments): EngineArguments => ({
  ...options,
  quiet,
});

async function beginOrGoOn(
  engine: DataEngine,
  project: Project,
  stage: 2 | 3,
  options: RunArguments,
  progress: Progress,
): Promise<StageRun> {
  const pending = await engine.stages.pending(project.id);
  if (pending && pending.stage !== stage)
    throw new UsageError(`A run of stage ${pending.stage} is not finished; go on with it first.`);
  if (pending) {
    const { kind } = await engine.workQueue.get(pending.work);
    if (kind !== STAGE_BY_COMMAND && options.output !== undefined)
      throw new UsageError("A run that the server does is not finished, and writes no files; wait for it.");
    progress.note("Going on with the run that was begun, with its settings and its model.");
    return pending;
  }
  const { behaviour, pointsPerSide, count, order, randomShare } = options;
  const settings = {
    ...{ behaviour, precision: options.precisionOfFilled },
    ...(pointsPerSide !== undefined && { pointsPerSide }),
    ...(count !== undefined && { images: count }),
    ...(order && { order }),
    ...(randomShare !== undefined && { randomShare }),
  };
  const person = await actor(engine, engineOptions(options));
  return engine.stages.begin(person, project.id, stage, settings, STAGE_BY_COMMAND);
}

function labeller(engine: DataEngine, options: RunArguments): Parameters<typeof createStageWork>[1] {
  const { device, threads, precision, ...base } = selectedModel(options);
  const running = { ...(device && { device }), ...(threads && { threads }), ...(precision && { precision }) };
  return (id, { signal, onProgress }) =>
    runStage(engine.context, id, {
      ...{ folder: resolve(options.data), base, running, signal, onProgress },
      readImage: createImageReader(options.data),
      ...(options.output !== undefined && { output: resolve(options.output) }),
      writing: { shardSizeBytes: options.shardSize * 1e6, images: options.withImages ? "copy" : "none" },
    });
}

function resultLines({ stage, images, masks, confidence }: StageRun): string[] {
  const { threshold, heldBack, images: learned } = confidence!;
  const measured = `learned on ${heldBack.masks} masks of ${learned} images, calibration error ${heldBack.calibrationError.toFixed(3)}`;
  if (threshold === null) return [`Stage ${stage}: no mask is sure enough to be kept; ${measured}.`];
  const unreadable = images.unreadable > 0 ? ` (${images.unreadable} of them can't be read)` : "";
  return [
    `Stage ${stage}: ${masks} masks on ${images.done} images${unreadable}.`,
    `Least confidence ${threshold.toFixed(3)}, from which on ${(100 * heldBack.precision!).toFixed(1)} % were good (${measured}).`,
  ];
}
