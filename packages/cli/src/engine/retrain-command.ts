import { resolve } from "node:path";
import { createRetrainWork, type DataEngine, type ModelVersion, type Project } from "@segany/data-engine";
import { trainVersion } from "@segany/data-engine/loop";
import { createImageReader } from "@segany/server";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { setGrace } from "../interruption.js";
import { addModelSelection, applyVerbose, type ModelOptions, selectedModel } from "../model-options.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { addSettings } from "../train/setting-options.js";
import { stepProgress } from "../train/step-progress.js";
import { settingsOf, type TrainOptions } from "../train/train-options.js";
import { scoresText, versionJson } from "./model-lines.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";
import { runWorkHere } from "./run-work-here.js";

/** A step takes seconds; Ctrl-C waits for it, and for the state to be saved. */
const GRACE_MS = 120_000;

interface RetrainArguments extends EngineArguments, ModelOptions, Partial<TrainOptions> {
  readonly data: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly force?: boolean;
  readonly reason?: string;
}

/** `segany engine retrain` */
export function retrainCommand(): Command {
  const command = new Command("retrain")
    .summary("train a new model version on a project's accepted masks")
    .description(
      "Trains the project's current model on its accepted masks, and measures it beside the old one on images that are kept for that. If it is better, it becomes the current one. A training that was stopped or killed goes on with the same command.",
    )
    .argument("[project]", "name or id of the project (default: the only one)")
    .option("--rehearsal <path>", "data set of other images, so that the model keeps what it knows")
    .option("--force", "becomes the current version even if it is not better; needs --reason")
    .option("--reason <text>", "why; kept with the version and in the audit log")
    .action(run);
  addActorOption(addEngineOptions(command));
  addModelSelection(command.optionsGroup("The model that a project begins with, and where it runs:"));
  return addSettings(command).addHelpText(
    "after",
    `
Examples:
  segany engine retrain
  segany engine retrain --steps 600 --rehearsal coco-val
  segany engine models                            versions beside each other`,
  );
}

async function run(named: string | undefined, options: RetrainArguments): Promise<void> {
  if ((options.force ?? false) !== (options.reason !== undefined))
    throw new UsageError("--force and --reason belong together: say why an unproven version is used.");
  applyVerbose(options);
  setGrace(GRACE_MS);
  const progress = createProgress({ quiet: options.quiet || options.json });
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, named);
    const version = await beginOrGoOn(engine, project, options, progress);
    const steps = stepProgress(progress);
    await runWorkHere(
      engine,
      version.work!,
      createRetrainWork(engine.context, trainer(engine, options)),
      (now) => {
        const { what, done, total } = now as { what: string; done: number; total: number };
        steps.update(LABELS[what] ?? what, done, total);
      },
    );
    progress.end();
    const trained = await engine.models.get(version.id);
    if (options.json) printJson(versionJson(trained));
    else for (const line of resultLines(trained)) printLine(line);
  });
}

const LABELS: Readonly<Record<string, string>> = {
  encoding: "Encoding views",
  training: "Training",
  comparing: "Drawing the report",
  measuring: "Measuring",
};

/** The version that is being trained, or a new one. */
async function beginOrGoOn(
  engine: DataEngine,
  project: Project,
  options: RetrainArguments,
  progress: Progress,
): Promise<ModelVersion> {
  const pending = (await engine.models.list(project.id)).find(({ state }) => state === "training");
  if (pending) {
    progress.note(`Going on with version ${pending.number}, with the settings that it was begun with.`);
    return pending;
  }
  const version = await engine.models.retrain(await actor(engine, options), project.id, {
    training: settingsOf(options),
    ...(options.rehearsal !== undefined && { rehearsal: resolve(options.rehearsal) }),
    ...(options.reason !== undefined && { force: options.reason }),
  });
  const { training, validation } = version.data;
  progress.note(
    `Version ${version.number}: ${training.masks} masks of ${training.images} images to learn from, ${validation.masks} of ${validation.images} to measure with.`,
  );
  return version;
}

function trainer(engine: DataEngine, options: RetrainArguments): Parameters<typeof createRetrainWork>[1] {
  const { device, threads, precision, ...base } = selectedModel(options);
  const running = { ...(device && { device }), ...(threads && { threads }), ...(precision && { precision }) };
  return (version, attempt, { signal, onProgress }) =>
    trainVersion(engine.context, version, {
      ...{ folder: resolve(options.data), attempt, base, running, signal, onProgress },
      readImage: createImageReader(options.data),
    });
}

function resultLines(version: ModelVersion): string[] {
  const { number, state, scores, reason } = version;
  const end =
    state === "current"
      ? `Version ${number} is the current one. ${reason}`
      : `Version ${number} is not better, and stays a candidate. Use it all the same with: segany engine models use ${number} --reason TEXT`;
  return [`${scoresText(version)} on ${scores!.after.objects} objects`, end];
}
