import { Command, InvalidArgumentError, Option } from "commander";
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

--data DIR is DIR/annotations.json with DIR/images/ (coco), or whatever --format says. Written to the output folder:
report.json, report.html (curves, worst and best cases), report.txt, details.json. Embeddings are kept in the cache,
so that a second protocol over the same images starts at once.`;

/** `segany eval`: the paper's evaluation. */
export function evalCommand(): Command {
  const command = new Command("eval")
    .summary("measure a model, or annotations, by the paper's protocols")
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
      new Option("--first-point <which>", "first click: deepest pixel of the mask, or any pixel by chance")
        .choices(["center", "random"])
        .default("center"),
    )
    .option("--no-noc", "stop at 9 clicks: faster, without noc@85 and noc@90");
  return finish(addDataOptions(command), (options: EvalOptions & ClickOptions) =>
    runProtocol("clicks", sourcesOf(options.data, options), options, {
      firstPoint: options.firstPoint,
      noc: options.noc,
    }),
  );
}

interface ClickOptions {
  readonly firstPoint: "center" | "random";
  readonly noc: boolean;
}

function proposals(): Command {
  const command = new Command("proposals")
    .description("Average recall of automatic masks at 10, 100 and 1000 an image, by size.")
    .addOption(
      new Option(
        "--generator <which>",
        "paper: 64x64 points, NMS .9, no filters; default: the mask generator's own settings",
      )
        .choices(["paper", "default"])
        .default("paper"),
    );
  return finish(addDataOptions(command), (options: EvalOptions & { generator: "paper" | "default" }) =>
    runProtocol("proposals", sourcesOf(options.data, options), options, { generator: options.generator }),
  );
}

function boxes(): Command {
  const command = new Command("boxes")
    .description("Average precision of the masks that boxes prompt, by COCO's rules.")
    .option(
      "--boxes <file>",
      "prompt with these boxes (COCO detection results) instead of the ground truth's",
    )
    .option("--refine", "prompt once more with the box and the mask before")
    .option("--max-detections <n>", "most masks of an image and class that are scored [100]", parseCount);
  return finish(addDataOptions(command), (options: EvalOptions & BoxOptions) =>
    runProtocol("boxes", sourcesOf(options.data, options), options, {
      ...(options.boxes !== undefined && { boxes: options.boxes }),
      ...(options.refine !== undefined && { refine: options.refine }),
      ...(options.maxDetections !== undefined && { maxDetections: options.maxDetections }),
    }),
  );
}

interface BoxOptions {
  readonly boxes?: string;
  readonly refine?: boolean;
  readonly maxDetections?: number;
}

function edges(): Command {
  const command = new Command("edges")
    .description("ODS, OIS, AP and R50 of edges against every annotator's boundaries (BSDS500).")
    .addOption(
      new Option("--detector <which>", "edges of the model's masks, or of a classic detector for comparison")
        .choices(["sam", "sobel", "canny"])
        .default("sam"),
    )
    .option("--thresholds <n>", "thresholds at which edges are cut and matched [99]", parseCount);
  return finish(addDataOptions(command), (options: EvalOptions & EdgeOptions) =>
    runProtocol("edges", sourcesOf(options.data, options), options, {
      detector: options.detector,
      ...(options.thresholds !== undefined && { thresholds: options.thresholds }),
    }),
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
        .description("How far two annotations of the same images agree; no model takes part.")
        .argument("<a>", "the annotations that are audited")
        .argument("<b>", "those they are compared with")
        .option("--min-iou <x>", "masks that overlap by less are never the same object [0.5]", parseShare),
    ),
    "agreement",
  ).option("-q, --quiet", "no progress, only errors");
  return command.action((a: string, b: string, options: EvalOptions & { minIou?: number }) =>
    runProtocol("agreement", sourcesOf([a, b], options), options, {
      ...(options.minIou !== undefined && { minIou: options.minIou }),
    }),
  );
}

function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError("It must be from 0 to 1.");
  return value;
}

/** Adds what all protocols with a model have, and what the command does. */
function finish<Options extends EvalOptions>(
  command: Command,
  run: (options: Options) => Promise<void>,
): Command {
  return addModelGroup(addSamplingOptions(command, command.name())).action(run);
}
