/** The steps of a run, with its validations, metrics and saved states. */
import { join } from "node:path";
import { throwIfAborted } from "@segany/masks";
import type { EverythingThresholds } from "@segany/sam";
import { CLIP_SHA256, metadataOfThresholds, type TrainableModel } from "@segany/sam/training";
import type { ViewedImage } from "../loop/image-views.js";
import type { TrainSettings } from "../loop/settings.js";
import type { Trainer } from "../loop/trainer.js";
import type { BestValidation, ValidationResult } from "../loop/validate.js";
import { appendMetrics } from "../metrics/metrics-file.js";
import { saveCheckpoint } from "../weights/save-checkpoint.js";
import { saveParameters } from "../weights/save-parameters.js";
import { summaryOf, writeRunReport } from "./run-report.js";
import { type RunNotes, saveRunState } from "./run-state.js";
import type { TrainSamOptions } from "./train-options.js";

/** What a run's steps work with. */
export interface RunSteps {
  readonly options: TrainSamOptions;
  readonly settings: TrainSettings;
  readonly trainable: TrainableModel;
  readonly trainer: Trainer;
  readonly validation: readonly ViewedImage[];
}

/** What they end with. */
export interface StepsResult {
  readonly steps: number;
  /** Scores before the first step, and of the best weights; missing without validation. */
  readonly before?: ValidationResult;
  readonly best?: BestValidation;
  /** Whole models, for `checkpoint` everywhere. */
  readonly bestCheckpoint: string;
  readonly lastCheckpoint: string;
  /** What makes prompts of words, for `projection` of `openTextGrounder`; where they were trained. */
  readonly projections?: { readonly best: string; readonly last: string };
}

/** Trains from where the trainer stands to the end. */
export async function runSteps(run: RunSteps, from: RunNotes): Promise<StepsResult> {
  const { options, settings, trainer, validation } = run;
  const { onEvent, signal } = options;
  const { best: bestCheckpoint, last: lastCheckpoint } = checkpointsOf(options.output);
  let notes = from;
  const score = async (step: number): Promise<void> => {
    if (validation.length > 0) notes = await validateStep(run, notes, step);
  };
  const keep = () => saveRunState(options.output, { ...notes, trainer: trainer.state() });

  let { step } = trainer.state().optimizer;
  if (step === 0) {
    await score(0);
    await keep();
  }
  while (step < settings.steps && !isOver(notes, settings)) {
    throwIfAborted(signal);
    const result = await trainer.step();
    step = result.step;
    await appendMetrics(options.output, { ...result });
    onEvent?.({ kind: "step", steps: settings.steps, ...result });
    const isDue = step === settings.steps || step % settings.validateEvery === 0;
    if (isDue) await score(step);
    if (isDue || signal?.aborted) await keep();
  }
  await saveWeights(run, lastCheckpoint, notes.last);
  if (validation.length === 0) await saveWeights(run, bestCheckpoint, null);
  const { before, best } = notes;
  const projections = { best: besidePath(bestCheckpoint, "text"), last: besidePath(lastCheckpoint, "text") };
  return {
    steps: step,
    ...(before && { before }),
    ...(best && { best }),
    bestCheckpoint,
    lastCheckpoint,
    ...(options.clip && { projections }),
  };
}

/** Scores the weights, saves them if they are the best so far, and writes the report. */
async function validateStep(run: RunSteps, before: RunNotes, step: number): Promise<RunNotes> {
  const { options, settings, trainable, trainer, validation } = run;
  const { output, onEvent } = options;
  const result = await trainer.validate(validation);
  const isBest = before.best === null || scoreOf(result) > scoreOf(before.best);
  const notes = {
    ...before,
    before: before.before ?? result,
    best: isBest ? { ...result, step } : before.best,
    last: result,
    sinceBest: isBest ? 0 : before.sinceBest + 1,
  };
  await appendMetrics(output, { step, ...prefixed("validation_", result) });
  if (isBest) await saveWeights(run, checkpointsOf(output).best, result);
  await writeRunReport(output, summaryOf(options, settings, trainable, notes));
  onEvent?.({ kind: "validation", step, isBest, ...result });
  return notes;
}

/** @param thresholds of everything mode, that are kept with the weights; null where none were found */
async function saveWeights(
  { options, settings, trainable, trainer }: RunSteps,
  path: string,
  thresholds: EverythingThresholds | null,
): Promise<void> {
  const metadata = thresholds ? metadataOfThresholds(thresholds) : {};
  await saveCheckpoint({ path, base: trainable.state, changed: await trainer.changed(), metadata });
  if (settings.train === "lora") await saveParameters(besidePath(path, "lora"), trainer.averages(), metadata);
  if (options.clip)
    await saveParameters(besidePath(path, "text"), trainer.projection(), {
      [CLIP_SHA256]: options.clip.checkpointSha256,
    });
}

function checkpointsOf(output: string): { readonly best: string; readonly last: string } {
  return { best: join(output, "best.safetensors"), last: join(output, "last.safetensors") };
}

/** What the best weights are chosen by: one click, the box, and words where there are any count alike. */
function scoreOf({ click, box, text }: ValidationResult): number {
  return text === undefined ? (click + box) / 2 : (click + box + text) / 3;
}

/** `best.lora.safetensors` beside `best.safetensors`. */
function besidePath(path: string, what: "lora" | "text"): string {
  return path.replace(/\.safetensors$/, `.${what}.safetensors`);
}

function isOver({ sinceBest }: RunNotes, { patience }: TrainSettings): boolean {
  return patience > 0 && sinceBest >= patience;
}

function prefixed(prefix: string, numbers: ValidationResult): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${prefix}${name}`, value]));
}
