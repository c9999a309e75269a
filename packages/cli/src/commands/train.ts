import { Command } from "commander";
import { addFormatOption, addModelGroup } from "../eval/options.js";
import { parseCount } from "../numbers.js";
import { addDistillation } from "../train/distill-options.js";
import { addSettings, addWords } from "../train/setting-options.js";

const EXAMPLES = `
Examples:
  segany train --data photos --output run
  segany train --data nuclei --format coco --val-every 3 --output run
  segany train --data labelled --val checked --steps 600 --output run
  segany train --data labelled --val checked --steps 600 --output run --resume
  segany train --data photos --distill-from mobile_sam --checkpoint small.safetensors --output small
  segany train --data labelled --text --text-model clip_vit_b32 --output run
  segany train --config run/config.yaml --output again
  segany predict photo.jpg --point 610,430 --checkpoint run/best.safetensors
  segany predict photo.jpg --text dog --checkpoint run/best.safetensors --text-model clip_vit_b32 \\
    --text-projection run/best.text.safetensors

The run's folder gets best.safetensors and last.safetensors (whole models, for --checkpoint of every command),
state.safetensors (for --resume), metrics.jsonl, config.yaml (all options, for --config), and report.html: curves,
scores, and masks before and after. Ctrl-C saves the state and stops.`;

/** `segany train`: fine-tunes a model on a labelled set. */
export function trainCommand(): Command {
  const command = addFormatOption(
    new Command("train")
      .summary("fine-tune a model on labelled images")
      .description(
        "Trains the mask decoder, or what --train names, by the paper's method: simulated clicks and boxes, in rounds.",
      )
      .option(
        "-d, --data <folder>",
        "data set with masks to train on; with --distill-from, a folder of images (required)",
      ),
    "--data and --val",
  )
    .option("-o, --output <folder>", "folder of the run (required)")
    .option(
      "--config <file>",
      "YAML or JSON file with long options as keys; relative paths in it start at its folder, and options here win",
    )
    .option("--resume", "go on with the run in the output folder, given the same options")
    .option("--val <folder>", "another data set, to choose the best weights by")
    .option(
      "--rehearsal <folder>",
      "another data set, of everyday images for example, so that the model does not forget them; its format is detected",
    )
    .option(
      "--val-every <n>",
      "without --val: the first of each n images by name validates, 0 for none (default: 5)",
      parseCount,
    )
    .option("--pth", "write best.pth and last.pth, too: PyTorch's format")
    .option(
      "--report-everything <n>",
      "validation images on which the report compares everything mode (default: 0, as each takes long)",
      parseCount,
    )
    .option("--json", "print the result as one JSON object on standard output");
  return addModelGroup(addDistillation(addWords(addSettings(command))))
    .action(async () => (await import("../train/run-training.js")).runTraining(command))
    .addHelpText("after", EXAMPLES);
}
