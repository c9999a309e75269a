import { Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../cli-error.js";
import {
  addDataOptions,
  addFormatOption,
  addModelGroup,
  addSamplingOptions,
  type EvalOptions,
  sourcesOf,
} from "../eval/options.js";
import { runProtocol } from "../eval/run-protocol.js";
import { parseCount, parseNumber } from "../numbers.js";

const EXAMPLES = `
Examples:
  segany eval clicks --data nuclei --data camvid --max-masks 8 --output results/clicks
  segany eval proposals --data coco --things-only --limit 20
  segany eval boxes --data coco --refine
  segany eval edges --data bsds500
  segany eval edges --data bsds500 --detector canny
  segany eval agreement mine/ theirs/

--data DIR is a data set of any format that segany dataset reads. Files in the output folder:
report.json, report.html (curves, worst and best cases), report.txt, details.json. Embeddings are cached, so that
a second protocol on the same images starts at once.`;

/** `segany eval`: the paper's evaluation protocols. */
export function evalCommand(): Command {
  const command = new Command("eval")
    .summary("evaluate a model, or annotations, by the paper's protocols")
    .description("Runs one of the paper's evaluations and writes a report.")
    .addHelpText("after", EXAMPLES);
  for (const protocol of [clicks, proposals, boxes, edges, agreement]) command.addCommand(protocol());
  return command;
}

function clicks(): Command {
  const command = new Command("clicks")
    .description(
      "Mean IoU after 1, 2, 3, 5 and 9 simulated clicks, of the box, and clicks to IoU .85 and .90.",
    )
    .addOption(
      new Option("--first-point <which>", "first click: deepest pixel of the mask, or a random one")
        .choices(["center", "random"])
        .default("center"),
    )
    .option("--no-noc", "stop at 9 clicks: faster, without noc@85 and noc@90");
  const run = (options: EvalOptions & ClickOptions) =>
    runProtocol("clicks", sourcesOf(options.data, options), options, {
      firstPoint: options.firstPoint,
      noc: options.noc,
    });
  return finish(addDataOptions(command), run).addHelpText(
    "after",
    `
Examples:
  segany eval clicks --data nuclei --limit 30 --max-masks 8
  segany eval clicks --data nuclei --data camvid --first-point random --no-noc --output random

miou@N: mean IoU after N clicks; oracle@1: the best of three masks for one click; miou@box: a box instead;
noc@85, noc@90: clicks until that IoU, at most 20. An image takes seconds.`,
  );
}

interface ClickOptions {
  readonly firstPoint: "center" | "random";
  readonly noc: boolean;
}

function proposals(): Command {
  const command = new Command("proposals")
    .description("Average recall of automatic masks at 10, 100 and 1000 per image, by size.")
    .addOption(
      new Option(
        "--generator <which>",
        "paper: 64x64 points, NMS .9, no filters; default: the mask generator's own settings",
      )
        .choices(["paper", "default"])
        .default("paper"),
    );
  const run = (options: EvalOptions & { generator: "paper" | "default" }) =>
    runProtocol("proposals", sourcesOf(options.data, options), options, { generator: options.generator });
  return finish(addDataOptions(command), run).addHelpText(
    "after",
    `
Examples:
  segany eval proposals --data coco --things-only --limit 4
  segany eval proposals --data coco --generator default --limit 50

ar@K: share of the ground-truth masks that the best K proposals find, mean over IoU .50 to .95; :small up to 32², :large
above 96² pixels. With mobile_sam on two CPU cores an image takes about a minute with the paper's 4096 points,
a quarter of that with the default's 1024.`,
  );
}

function boxes(): Command {
  const command = new Command("boxes")
    .description("Average precision of the masks prompted by boxes, by COCO's rules.")
    .option(
      "--boxes <file>",
      "prompt with these boxes (COCO detection results) instead of ground-truth boxes",
    )
    .option("--strict", "fail at the first box of --boxes that can't be used, instead of skipping it")
    .option("--refine", "prompt again with the box and the first mask")
    .option("--max-detections <n>", "most masks to score per image and class (default: 100)", parseCount);
  const run = async (options: EvalOptions & BoxOptions) => {
    if (options.strict && options.boxes === undefined)
      throw new UsageError("--strict is about the boxes of --boxes FILE; give both.");
    await runProtocol("boxes", sourcesOf(options.data, options), options, {
      ...(options.boxes !== undefined && { boxes: options.boxes }),
      ...(options.refine !== undefined && { refine: options.refine }),
      ...(options.maxDetections !== undefined && { maxDetections: options.maxDetections }),
    });
  };
  return finish(addDataOptions(command), run).addHelpText(
    "after",
    `
Examples:
  segany eval boxes --data coco --refine
  segany eval boxes --data coco --boxes detections.json

ap, ap50, ap75: average precision over IoU .50 to .95, at .50 and at .75; aps, apm, apl: of small, medium and large
masks. --boxes takes a list of { image_id, category_id, bbox: [x, y, width, height], score }.`,
  );
}

interface BoxOptions {
  readonly boxes?: string;
  readonly strict?: boolean;
  readonly refine?: boolean;
  readonly maxDetections?: number;
}

function edges(): Command {
  const command = new Command("edges")
    .description("ODS, OIS, AP and R50 of edges against every annotator's boundaries (BSDS500).")
    .addOption(
      new Option("--detector <which>", "edges of the model's masks, or a classic detector for comparison")
        .choices(["sam", "sobel", "canny"])
        .default("sam"),
    )
    .option("--thresholds <n>", "number of thresholds for matching edges (default: 99)", parseCount);
  const run = (options: EvalOptions & EdgeOptions) =>
    runProtocol("edges", sourcesOf(options.data, options), options, {
      detector: options.detector,
      ...(options.thresholds !== undefined && { thresholds: options.thresholds }),
    });
  return finish(addDataOptions(command), run).addHelpText(
    "after",
    `
Examples:
  segany eval edges --data bsds500
  segany eval edges --data bsds500 --detector canny --output canny

ods, ois: best F-measure at one threshold for all images, and at each image's own; ap_edge: area under the
precision-recall curve; r50: recall at precision .5. Boundaries are from DIR/boundaries.json, else the borders of the masks.`,
  );
}

interface EdgeOptions {
  readonly detector: "sam" | "sobel" | "canny";
  readonly thresholds?: number;
}

function agreement(): Command {
  const command = addSamplingOptions(
    addFormatOption(
      new Command("agreement")
        .description("Agreement of two annotations of the same images; no model is involved.")
        .argument("<a>", "the audited annotations")
        .argument("<b>", "the annotations to compare with")
        .option(
          "--min-iou <0..1>",
          "masks with a lower IoU are never the same object (default: 0.5)",
          parseShare,
        ),
    ),
    "agreement",
  ).option("-q, --quiet", "print only errors, no progress");
  return command
    .action((a: string, b: string, options: EvalOptions & { minIou?: number }) =>
      runProtocol("agreement", sourcesOf([a, b], options), options, {
        ...(options.minIou !== undefined && { minIou: options.minIou }),
      }),
    )
    .addHelpText(
      "after",
      `
Examples:
  segany eval agreement corrected/ automatic/
  segany dataset filter bsds500 first --annotator 0 --min-masks 1
  segany dataset filter bsds500 second --annotator 1 --min-masks 1
  segany eval agreement first second

Images are paired by file name, masks one to one. share@75, share@90: share of masks of <a> with a partner at IoU .75
and .90; iou_mean: mean over pairs; unmatched_a, unmatched_b: masks without a partner. --limit and --max-masks
select images and masks of <a>.`,
    );
}

function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError("It must be from 0 to 1.");
  return value;
}

/** Adds the options of every protocol with a model, and the action. */
function finish<Options extends EvalOptions>(
  command: Command,
  run: (options: Options) => Promise<void>,
): Command {
  return addModelGroup(addSamplingOptions(command, command.name())).action(run);
}
