import {
  type SimulateEvent,
  type SimulateOptions,
  type StageResult,
  simulateEngine,
} from "@segany/data-engine/loop";
import { openTrainingSet } from "@segany/training";
import { Command } from "commander";
import { interruption } from "../interruption.js";
import { addModelSelection, type ModelOptions, selectedModel } from "../model-options.js";
import { parseCount, parseNumber, parseWithin } from "../numbers.js";
import { printLine } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { stepProgress } from "../train/step-progress.js";

const DEFAULT_IMAGES: readonly number[] = [10, 15];

interface SimulateArguments extends ModelOptions {
  readonly data: string;
  readonly format?: string;
  readonly output: string;
  readonly seed: number;
  readonly images: readonly number[];
  readonly retrain: boolean;
  readonly steps: number;
  readonly goodIou: number;
  readonly maxClicks: number;
  readonly noise: number;
  readonly precisionOfFilled: number;
  readonly pointsPerSide: number;
  readonly auditMasks: number;
  readonly json?: boolean;
}

/** `segany engine simulate` */
export function simulateCommand(): Command {
  const command = new Command("simulate")
    .summary("run the data engine's three stages with ground truth in the place of people")
    .description(
      "Runs the paper's data engine on a labelled set: masks are clicked (stage 1), confident ones are pre-filled and corrected (2), and the model labels alone (3), retrained after the first two. Says what each stage costs, and audits the last one. A third of the images is kept for measuring.",
    )
    .requiredOption("-d, --data <path>", "labelled data set")
    .option("--format <format>", "its format (default: detected)")
    .requiredOption("-o, --output <folder>", "folder for the data engine, training runs and results")
    .option("--seed <n>", "seed of all choices", parseWithin(0, 2 ** 31), 1)
    .option(
      "--images <n...>",
      "images of the stages; without a third number, all others",
      parseList,
      DEFAULT_IMAGES,
    )
    .option("--no-retrain", "keep the model as it is, for comparison")
    .option("--steps <n>", "training steps after each stage", parseCount, 120)
    .option("--good-iou <iou>", "IoU from which the annotator is content", parseNumber, 0.9)
    .option("--max-clicks <n>", "clicks for a mask at most", parseCount, 8)
    .option("--noise <pixels>", "standard deviation of a click's place", parseNumber, 1)
    .option(
      "--precision-of-filled <share>",
      "share of good masks among pre-filled ones to aim at",
      parseNumber,
      0.9,
    )
    .option("--points-per-side <n>", "of everything mode", parseCount, 32)
    .option("--audit-masks <n>", "masks that are audited at most", parseCount, 500)
    .option("--json", "print one JSON object as the last line of standard output")
    .option("-q, --quiet", "print only errors, no progress")
    .action(run);
  return addModelSelection(command);
}

function parseList(value: string, before: readonly number[] | undefined): number[] {
  const isDefault = before === undefined || before === DEFAULT_IMAGES;
  return [...(isDefault ? [] : before), parseCount(value)];
}

async function run(options: SimulateArguments): Promise<void> {
  const progress = createProgress({ quiet: options.quiet });
  const { samples } = await openTrainingSet({
    data: options.data,
    ...(options.format !== undefined && { format: options.format }),
    signal: interruption,
  });
  const { seed, retrain, goodIou, maxClicks, pointsPerSide, auditMasks } = options;
  const { name, checkpoint, device, threads, precision } = selectedModel(options);
  const model = definedOf({ name, checkpoint, device, threads, precision });
  const [first = 0, second = 0, third] = options.images;
  const result = await simulateEngine({
    ...{ data: samples, output: options.output, model, seed, retrain },
    stageImages: third === undefined ? [first, second] : [first, second, third],
    training: { steps: options.steps },
    ...{ goodIou, maxClicks, noisePx: options.noise, precision: options.precisionOfFilled },
    ...{ pointsPerSide, auditMasks, onEvent: showEvents(progress), signal: interruption },
  });
  progress.end();
  const { stages, audit } = result;
  if (options.json) {
    printLine(JSON.stringify({ stages, audit }));
    return;
  }
  for (const stage of stages) printLine(stageLine(stage));
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const [low, high] = audit.interval90;
  printLine(
    `Audit of ${audit.n} masks: ${share(audit["share@90"])} above .9 (${share(low)} to ${share(high)}), ${share(audit["share@75"])} above .75.`,
  );
}

function definedOf(values: object): NonNullable<SimulateOptions["model"]> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function showEvents(progress: Progress): (event: SimulateEvent) => void {
  const steps = stepProgress(progress);
  return (event) => {
    if (event.kind === "image") steps.update(event.what, event.done, event.total);
    if (event.kind === "training" && event.event.kind === "step")
      steps.update(`Training after stage ${event.stage}`, event.event.step, event.event.steps);
    if (event.kind === "confidence") progress.note(confidenceLine(event));
    if (event.kind === "result") progress.note(stageLine(event.result));
  };
}

function stageLine(stage: StageResult): string {
  return `Stage ${stage.stage}: ${stage.clicks_per_mask.toFixed(2)} clicks a mask, ${stage.masks_per_image.toFixed(1)} masks an image, ${(100 * stage.accepted_share).toFixed(1)} % accepted, one click ${stage["miou@1"].toFixed(3)}`;
}

function confidenceLine(event: SimulateEvent & { readonly kind: "confidence" }): string {
  const { stage, threshold, precision, calibrationError, masks } = event;
  const measured = `calibration error ${calibrationError.toFixed(3)} on ${masks} held-back masks`;
  if (threshold === null || precision === null)
    return `Confidence for stage ${stage}: no mask is sure enough to be pre-filled; ${measured}`;
  return `Confidence for stage ${stage}: threshold ${threshold.toFixed(3)}, precision ${precision.toFixed(3)}, ${measured}`;
}
