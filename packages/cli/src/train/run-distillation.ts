import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isImageName } from "@segany/dataset/formats";
import { walkFiles } from "@segany/runtime/files";
import { resolveDevice } from "@segany/runtime/node";
import {
  type DistillEvent,
  type DistillImage,
  type DistillResult,
  type DistillValidation,
  distillSam,
  splitSamples,
} from "@segany/training";
import type { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { selectedModel } from "../model-options.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { distillSettingsOf, effectiveSettings, isFileOfModel } from "./distill-options.js";
import { stepProgress } from "./step-progress.js";
import { type TrainOptions, VALIDATE_EVERY_IMAGE } from "./train-options.js";
import { writeConfig } from "./write-config.js";

/** Distils the image encoder of the chosen model from a teacher, and prints how near it came. */
export async function runDistillation(command: Command, options: TrainOptions): Promise<void> {
  const progress = createProgress({ quiet: options.quiet });
  const { name, ...model } = selectedModel(options);
  const { threads } = resolveDevice(model);
  const { images, validation } = await imagesOf(options);
  const from = options.distillFrom!;
  const result = await distillSam({
    ...model,
    ...(name && { model: name }),
    teacher: isFileOfModel(from) ? { checkpoint: from } : { model: from },
    images,
    validation,
    output: options.output,
    settings: distillSettingsOf(options),
    pth: options.pth ?? false,
    signal: interruption,
    onStart: (settings) =>
      writeConfig(command, {
        options: { ...options, distill: settings.distill },
        settings: effectiveSettings(settings),
        threads,
      }),
    onEvent: showEvents(progress),
  });
  progress.end();
  if (options.json) printJson(asJson(result, images.length, validation.length));
  else for (const line of describe(result, validation.length)) printLine(line);
}

/** The images to learn from, and those to validate with. */
async function imagesOf(options: TrainOptions) {
  const images = await findImages(options.data);
  if (options.val !== undefined) return { images, validation: await findImages(options.val) };
  const every = options.valEvery ?? VALIDATE_EVERY_IMAGE;
  if (every === 0 || images.length < 2) return { images, validation: [] };
  const { train, validation } = splitSamples(images, { every });
  return { images: train, validation };
}

/** The image files of a folder and its sub-folders, by path. */
async function findImages(folder: string): Promise<DistillImage[]> {
  const names: string[] = [];
  try {
    for await (const name of walkFiles(folder)) if (isImageName(name)) names.push(name);
  } catch (error) {
    throw new UsageError(`The images of "${folder}" can't be read: ${(error as Error).message}.`);
  }
  return names.sort().map((fileName) => ({ fileName, open: () => readFile(join(folder, fileName)) }));
}

function showEvents(progress: Progress): (event: DistillEvent) => void {
  const steps = stepProgress(progress);
  return (event) => {
    switch (event.kind) {
      case "encoding":
        steps.update("Encoding views with the teacher", event.done, event.total);
        return;
      case "step":
        steps.update("Distilling", event.step, event.steps, `loss ${event.loss.toPrecision(4)}`);
        return;
      case "validation":
        progress.note(
          `After ${event.step} steps: ${scoresText(event)}${event.isBest ? " (best so far)" : ""}`,
        );
    }
  };
}

function scoresText({ distance, maskIou }: DistillValidation): string {
  return `distance of the embeddings ${distance.toPrecision(4)}, mIoU with the teacher's masks of one click ${maskIou.toFixed(3)}`;
}

function describe({ before, best, ...result }: DistillResult, images: number): string[] {
  const scores = before &&
    best && [
      `before: ${scoresText(before)}`,
      `best:   ${scoresText(best)} (step ${best.step}, ${images} images)`,
    ];
  return [
    ...(scores ?? []),
    `weights: ${result.bestCheckpoint}`,
    `         ${result.lastCheckpoint}`,
    ...(result.pth ? [`         ${result.pth.best}`, `         ${result.pth.last}`] : []),
  ];
}

function asJson({ steps, before, best, ...result }: DistillResult, images: number, validation: number) {
  return {
    steps,
    images,
    validation_images: validation,
    ...(before && { before: scoresJson(before) }),
    ...(best && { best: { step: best.step, ...scoresJson(best) } }),
    best_checkpoint: result.bestCheckpoint,
    last_checkpoint: result.lastCheckpoint,
    ...(result.pth && { best_pth: result.pth.best, last_pth: result.pth.last }),
  };
}

function scoresJson({ distance, maskIou }: DistillValidation) {
  return { distance, mask_iou: maskIou };
}
