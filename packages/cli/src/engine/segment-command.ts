import { resolve } from "node:path";
import { createSegmentWork, type FindMasks, type SegmentProgress } from "@segany/data-engine";
import type { MaskRecord } from "@segany/masks";
import { readImage, type Sam, SamAutomaticMaskGenerator, SamError } from "@segany/sam";
import { createImageReader } from "@segany/server";
import { Command, Option } from "commander";
import { loadModel } from "../load-model.js";
import { addModelSelection, type ModelOptions } from "../model-options.js";
import { parseCount, parseNumber } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { findTask } from "./find-task.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";
import { runWorkHere } from "./run-work-here.js";

interface SegmentArguments extends Omit<EngineArguments, "quiet">, ModelOptions {
  readonly project?: string;
  readonly class?: string;
  readonly behaviour?: "official" | "paper" | "fast";
  readonly pointsPerSide?: number;
  readonly predIouThresh?: number;
  readonly stabilityScoreThresh?: number;
  readonly minMaskRegionArea?: number;
  readonly queue?: boolean;
}

/** `segany engine segment` */
export function segmentCommand(): Command {
  const command = new Command("segment")
    .summary("look for all objects on a task's images that are still to be labelled")
    .description(
      "Runs everything mode over the images of a task that are still to be labelled, and adds the masks for people to correct or delete. Objects that have a mask get no second one, and images that somebody works on are left alone. Stopped or killed, the work goes on at the image where it was: see segany engine work.",
    )
    .argument("<task>", "task")
    .option("--project <name>", "project (default: the only one)")
    .option("--class <name>", "class of the masks (default: none)")
    .addOption(new Option("--behaviour <name>", "of everything mode").choices(["official", "paper", "fast"]))
    .option("--points-per-side <n>", "of everything mode", parseCount)
    .option("--pred-iou-thresh <share>", "least IoU that the model predicts", parseNumber)
    .option("--stability-score-thresh <share>", "least stability", parseNumber)
    .option("--min-mask-region-area <pixels>", "remove smaller islands and holes", parseCount)
    .option("--queue", "only queue the work, for a running server or worker")
    .action(run);
  return addModelSelection(addActorOption(addEngineOptions(command)).optionsGroup("The model:"));
}

async function run(named: string, options: SegmentArguments): Promise<void> {
  const progress = createProgress({ quiet: options.quiet || options.json });
  await withEngine(engineOptions(options), async (engine) => {
    const project = await findProject(engine, options.project);
    const { id: task } = await findTask(engine, project, named);
    const settings = settingsOf(options);
    const person = await actor(engine, engineOptions(options));
    const work = { task, className: options.class ?? null, settings };
    const begun = await engine.machineWork.segment(person, work);
    if (options.queue) return told(options, { work: begun.id }, `Work ${begun.id} is queued.`);
    await using sam = await loadModel(options, { opensEncoder: true });
    const handler = createSegmentWork(engine.context, finder(sam, createImageReader(resolve(options.data))));
    progress.begin("Looking for objects", 1);
    const { result } = await runWorkHere(engine, begun.id, handler, (now) => {
      const { done, total, masks } = now as SegmentProgress;
      progress.update(done / total, `${done} of ${total} images, ${masks} masks`);
    });
    progress.end();
    const sums = result as SegmentProgress;
    told(options, { work: begun.id, ...sums }, lineOf(sums));
  });
}

const engineOptions = ({ quiet = false, ...options }: SegmentArguments): EngineArguments => ({
  ...options,
  quiet,
});

function told({ json }: SegmentArguments, result: object, line: string): void {
  if (json) printJson(result);
  else printLine(line);
}

function lineOf({ done, masks, busy, unreadable }: SegmentProgress): string {
  const others = [
    busy > 0 ? `${busy} that somebody works on` : "",
    unreadable > 0 ? `${unreadable} that can't be read` : "",
  ].filter((each) => each !== "");
  const leftAlone = others.length > 0 ? `, of which these were left alone: ${others.join(", ")}` : "";
  return `${masks} masks on ${done} images${leftAlone}.`;
}

function settingsOf(options: SegmentArguments) {
  const { behaviour, pointsPerSide, predIouThresh, stabilityScoreThresh, minMaskRegionArea } = options;
  return {
    ...(behaviour !== undefined && { behaviour }),
    ...(pointsPerSide !== undefined && { pointsPerSide }),
    ...(predIouThresh !== undefined && { predIouThresh }),
    ...(stabilityScoreThresh !== undefined && { stabilityScoreThresh }),
    ...(minMaskRegionArea !== undefined && { minMaskRegionArea }),
  };
}

/** Everything mode with a model in this process. */
function finder(sam: Sam, read: (id: string) => Promise<Uint8Array>): FindMasks {
  const model = { name: sam.model.name, hash: sam.model.checkpointSha256 };
  return async (id, { settings }, signal) => {
    const image = await read(id)
      .then((file) => readImage(file, { signal }))
      .catch((error) => {
        const isOfTheImage =
          error.code === "ENOENT" || (error instanceof SamError && error.code !== "aborted");
        if (isOfTheImage) return undefined;
        throw error;
      });
    if (!image) return undefined;
    const generator = new SamAutomaticMaskGenerator(sam, { ...settings, outputMode: "coco_rle" });
    return { model, masks: (await generator.generate(image, { signal })).map(toFound) };
  };
}

const toFound = ({ segmentation, predictedIou, stabilityScore, pointCoords, cropBoxXywh }: MaskRecord) => ({
  ...{ mask: segmentation, scores: { predictedIou, stabilityScore }, pointCoords, cropBoxXywh },
});
