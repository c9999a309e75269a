import type { DataEngine } from "@segany/data-engine";
import {
  createReplayer,
  planReplay,
  type Replayer,
  type ReplayPlan,
  type ReplayResult,
} from "@segany/data-engine/replay";
import { readImage, type Sam } from "@segany/sam";
import { createImageReader } from "@segany/server";
import { Command } from "commander";
import { codeOf, EXIT_FAILED, UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../load-model.js";
import { addModelSelection, type ModelOptions } from "../model-options.js";
import { parseWithin } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { addEngineOptions, type EngineArguments, findProject, withEngine } from "./open-engine.js";

interface ReplayArguments extends EngineArguments, Omit<ModelOptions, "quiet"> {
  readonly project?: string;
  readonly revision?: number;
}

/** From this IoU on, masks are the same that two engines have decoded: they round differently. */
const SAME_IOU = 0.99;

/** `segany engine replay` */
export function replayCommand(): Command {
  const command = new Command("replay")
    .summary("make masks again from their prompts and edits, and compare")
    .description(
      "Makes masks again from their prompts, edits and model, and says whether they are the same. Fails if one is not.",
    )
    .argument("[masks...]", "ids of masks (default: all masks of the project)")
    .option("--project <name>", "project (default: the only one)")
    .option(
      "--revision <n>",
      "revision of the one mask (default: the present one)",
      parseWithin(1, 2 ** 31 - 1),
    )
    .action(run);
  return addModelSelection(addEngineOptions(command)).addHelpText(
    "after",
    `
A mask that was decoded on the server must be the same in every pixel. A browser decodes with another build of
ONNX Runtime, and its masks may differ in single pixels: from an IoU of ${SAME_IOU} on they are the same.

Examples:
  segany engine replay                                        all masks, with their ids
  segany engine replay 0190f3c8-5e2a-7c31-9d3b-0d7f3c1e9256
  segany engine replay --checkpoint sam_vit_b_01ec64.pth      masks that another model has made`,
  );
}

/** What became of a mask. */
interface Outcome {
  readonly id: string;
  readonly plan?: ReplayPlan;
  readonly result?: ReplayResult;
  /** Why it can't be made again. */
  readonly refused?: string;
}

async function run(ids: readonly string[], options: ReplayArguments): Promise<void> {
  if (options.revision !== undefined && ids.length !== 1)
    throw new UsageError("--revision is for one mask: give its id.");
  await withEngine(options, async (engine) => {
    const masks = ids.length > 0 ? ids : await listMasks(engine, options);
    const outcomes = await replayAll(engine, masks, options, ids.length > 0);
    const differing = outcomes.filter(({ result }) => result && !isSame(result)).length;
    const refused = outcomes.filter((each) => each.refused !== undefined).length;
    const counts = {
      masks: outcomes.length,
      same: outcomes.length - differing - refused,
      differing,
      refused,
    };
    if (options.json) printJson({ ...counts, results: outcomes.map(jsonOf) });
    else {
      for (const outcome of outcomes) printLine(lineOf(outcome));
      if (outcomes.length !== 1)
        printLine(
          `${counts.same} of ${counts.masks} masks are the same, ${differing} differ, ${refused} can't be made again.`,
        );
    }
    if (differing > 0) process.exitCode = EXIT_FAILED;
  });
}

/** Masks of the project, those of an image together. */
async function listMasks(engine: DataEngine, options: ReplayArguments): Promise<readonly string[]> {
  const { id } = await findProject(engine, options.project);
  return engine.annotations.ids(id);
}

async function replayAll(
  engine: DataEngine,
  ids: readonly string[],
  options: ReplayArguments,
  areNamed: boolean,
): Promise<Outcome[]> {
  const progress = createProgress({ quiet: options.quiet === true || options.json === true });
  const read = createImageReader(options.data);
  let model: Promise<Sam> | undefined;
  const replayer = createReplayer({
    loadModel() {
      model = loadModel(options);
      return model;
    },
    readImage: async (id) => readImage(await read(id), { signal: interruption }),
    signal: interruption,
  });
  const outcomes: Outcome[] = [];
  try {
    progress.begin("Making masks again", ids.length);
    for (const id of ids) {
      outcomes.push(await replayOne(engine, replayer, id, options, areNamed));
      progress.update(outcomes.length);
    }
    progress.end();
    return outcomes;
  } finally {
    await model?.then((sam) => sam.close()).catch(() => undefined);
  }
}

/** @param isNamed whether it is an error that the mask can't be made again */
async function replayOne(
  engine: DataEngine,
  replayer: Replayer,
  id: string,
  { revision }: ReplayArguments,
  isNamed: boolean,
): Promise<Outcome> {
  try {
    const plan = await planReplay(engine.context, id, revision);
    return { id, plan, result: await replayer.replay(plan) };
  } catch (error) {
    if (isNamed || codeOf(error) !== "not-replayable") throw error;
    return { id, refused: (error as Error).message };
  }
}

function isSame({ differingPx, iou, runsOn = "server" }: ReplayResult): boolean {
  return differingPx === 0 || (runsOn !== "server" && iou >= SAME_IOU);
}

function lineOf({ id, plan, result, refused }: Outcome): string {
  if (!plan || !result) return refused!;
  const { prompts, edits, iou, differingPx, runsOn = "server" } = result;
  const made = `${prompts} prompts, ${edits} edits`;
  const where = runsOn === "server" || prompts === 0 ? "" : "; decoded in a browser";
  const what = isSame(result) ? "the same" : "DIFFERENT";
  return `${id} revision ${plan.revision}: ${what} (IoU ${iou === 1 ? 1 : iou.toFixed(5)}, ${differingPx} pixels differ; ${made}${where})`;
}

function jsonOf({ id, plan, result, refused }: Outcome): object {
  if (!plan || !result) return { mask: id, refused };
  const { mask: _, ...figures } = result;
  return { mask: id, revision: plan.revision, image: plan.image, same: isSame(result), ...figures };
}
