import { resolveDevice } from "@segany/runtime/node";
import { openTrainableModel } from "@segany/sam/training";
import {
  describeDataProblems,
  openTrainingSet,
  splitSamples,
  type TrainEvent,
  type TrainingSample,
  type TrainingSet,
  type TrainingSetOptions,
  type TrainResult,
  trainSam,
} from "@segany/training";
import type { Command } from "commander";
import { interruption, setGrace } from "../interruption.js";
import { applyVerbose, selectedModel } from "../model-options.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { checkDistillation } from "./distill-options.js";
import { withConfig } from "./read-config.js";
import { stepProgress } from "./step-progress.js";
import { settingsOf, type TrainOptions, VALIDATE_EVERY_IMAGE } from "./train-options.js";
import { checkWords, openWordsClip } from "./words-options.js";
import { writeConfig } from "./write-config.js";

/** Problems of the data that are named. */
const NAMED_PROBLEMS = 5;

/** A step on a large image takes seconds; Ctrl-C waits for it, and for the state to be saved. */
const GRACE_MS = 120_000;

/** Reads and checks the data, trains, and prints what came of it. */
export async function runTraining(command: Command): Promise<void> {
  const options = await withConfig(command);
  applyVerbose(options);
  setGrace(GRACE_MS);
  checkDistillation(command, options);
  checkWords(command, options);
  if (options.distillFrom !== undefined) {
    const { runDistillation } = await import("./run-distillation.js");
    return runDistillation(command, options);
  }
  const progress = createProgress({ quiet: options.quiet });
  const { name, ...model } = selectedModel(options);
  const { threads } = resolveDevice(model);
  await using clip = options.text ? await openWordsClip(options) : undefined;
  const { data, validation, rehearsal } = await readSets(options, progress);
  const result = await trainSam({
    ...model,
    ...(clip && { clip }),
    ...(name && { model: name }),
    data,
    validation,
    rehearsal,
    output: options.output,
    settings: settingsOf(options),
    resume: options.resume ?? false,
    pth: options.pth ?? false,
    reportEverything: options.reportEverything ?? 0,
    signal: interruption,
    onStart: (settings) => writeConfig(command, { options, settings, threads }),
    onEvent: showEvents(progress),
  });
  progress.end();
  if (options.json) printJson(asJson(result, data, validation));
  else for (const line of describe(result, validation)) printLine(line);
}

async function readSets(options: TrainOptions, progress: Progress) {
  const { name, ...model } = selectedModel(options);
  const trainable = await openTrainableModel(name, model);
  await trainable.state.close();
  const { format, imageFolder, encoding } = options;
  const given = { format, imageFolder, encoding };
  const open = async (
    data: string,
    how: Pick<TrainingSetOptions, keyof typeof given>,
  ): Promise<readonly TrainingSample[]> => {
    progress.begin(`Reading ${data}`);
    const set = await openTrainingSet({
      data,
      ...how,
      model: trainable.model,
      signal: interruption,
      onProgress: ({ images }) => progress.update(images, `${images} images`),
    });
    progress.end(`${data}: ${set.samples.length} images, ${set.maskCount} masks`);
    tellProblems(set, progress);
    return set.samples;
  };
  const data = await open(options.data, given);
  const rehearsal = options.rehearsal === undefined ? [] : await open(options.rehearsal, {});
  if (options.val !== undefined) return { data, rehearsal, validation: await open(options.val, given) };
  const every = options.valEvery ?? VALIDATE_EVERY_IMAGE;
  if (every === 0 || data.length < 2) return { data, rehearsal, validation: [] };
  const { train, validation } = splitSamples(data, { every });
  return { data: train, rehearsal, validation };
}

/** Says how many are left out and why, and names the first few. */
function tellProblems({ problems, problemCounts }: TrainingSet, progress: Progress): void {
  if (problems.length === 0) return;
  progress.note(`Left out or noted: ${describeDataProblems(problemCounts).join(", ")}.`);
  for (const { message } of problems.slice(0, NAMED_PROBLEMS)) progress.note(`  ${message}`);
}

/** A step of the progress for encoding, one for training, a line for each validation. */
function showEvents(progress: Progress): (event: TrainEvent) => void {
  const steps = stepProgress(progress);
  return (event) => {
    switch (event.kind) {
      case "encoding":
        steps.update("Encoding views", event.done, event.total);
        return;
      case "step": {
        const numbers = `loss ${event.loss.toFixed(3)}, IoU ${event.firstIou.toFixed(2)} → ${event.lastIou.toFixed(2)}`;
        steps.update("Training", event.step, event.steps, numbers);
        return;
      }
      case "validation":
        progress.note(validationLine(event));
        return;
      case "comparing":
        steps.update("Comparing before and after", event.done, event.total);
    }
  };
}

interface Thresholds {
  readonly predIouThresh: number;
  readonly stabilityScoreThresh: number;
}

interface Scores {
  readonly loss: number;
  readonly click: number;
  readonly clickOracle: number;
  readonly box: number;
  readonly text?: number;
}

function validationLine({ step, isBest, ...scores }: Scores & { step: number; isBest: boolean }): string {
  return `After ${step} steps: ${scoresText(scores)}${isBest ? " (best so far)" : ""}`;
}

function scoresText({ loss, click, clickOracle, box, text }: Scores): string {
  const words = text === undefined ? "" : `, of the class's name ${text.toFixed(3)}`;
  return `loss ${loss.toFixed(3)}, mIoU of one click ${click.toFixed(3)}, of the best of its three masks ${clickOracle.toFixed(3)}, of the box ${box.toFixed(3)}${words}`;
}

function describe({ before, best, ...result }: TrainResult, validation: readonly TrainingSample[]): string[] {
  const scores = before &&
    best && [
      `before: ${scoresText(before)}`,
      `best:   ${scoresText(best)} (step ${best.step}, ${validation.length} images)`,
    ];
  return [
    ...(scores || []),
    `weights: ${result.bestCheckpoint}`,
    `         ${result.lastCheckpoint}`,
    ...(result.projections ? [`words:   ${result.projections.best}`] : []),
    ...(result.pth ? [`         ${result.pth.best}`, `         ${result.pth.last}`] : []),
    `report:  ${result.report}`,
    ...(best ? [`everything mode: ${thresholdOptions(best)}, kept with the weights`] : []),
  ];
}

/** What everything mode needs for the weights: scores of a trained model are on a scale of their own. */
function thresholdOptions({ predIouThresh, stabilityScoreThresh }: Thresholds): string {
  return `--pred-iou-thresh ${predIouThresh} --stability-score-thresh ${stabilityScoreThresh}`;
}

function asJson(
  { steps, before, best, bestCheckpoint, lastCheckpoint, projections, pth, report }: TrainResult,
  data: readonly TrainingSample[],
  validation: readonly TrainingSample[],
) {
  return {
    steps,
    images: data.length,
    validation_images: validation.length,
    ...(before && { before: scoresJson(before) }),
    ...(best && { best: { step: best.step, ...scoresJson(best), ...thresholdsJson(best) } }),
    ...(projections && { best_projection: projections.best, last_projection: projections.last }),
    best_checkpoint: bestCheckpoint,
    last_checkpoint: lastCheckpoint,
    ...(pth && { best_pth: pth.best, last_pth: pth.last }),
    report,
  };
}

function thresholdsJson({ predIouThresh, stabilityScoreThresh }: Thresholds) {
  return { pred_iou_thresh: predIouThresh, stability_score_thresh: stabilityScoreThresh };
}

function scoresJson({ loss, click, clickOracle, box, text }: Scores) {
  const words = text === undefined ? {} : { "miou@text": text };
  return { loss, "miou@1": click, "oracle@1": clickOracle, "miou@box": box, ...words };
}
