import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { addModelOptions } from "../model-options.js";
import { collectInputs, takeShard } from "../segment/inputs.js";
import { addGeneratorOptions, type SegmentOptions } from "../segment/options.js";
import { segmentAll } from "../segment/segment-all.js";

const EXAMPLES = `
Examples:
  segany segment photo.jpg
  segany segment photos/ --output masks --recursive
  segany segment photos/ --format coco --no-picture --json > log.jsonl
  segany segment photo.jpg --model vit_h --behaviour paper
  segany segment photos/ --shard 2/8           (one of eight machines)

Written to the output folder, for photo.jpg: photo.json (SA-1B) or photo/ (png) or annotations.json (coco),
and the picture photo.png. Pictures that are done and unchanged are skipped; --overwrite does them again.`;

/** `segany segment`: all masks of pictures. */
export function segmentCommand(): Command {
  const command = new Command("segment")
    .summary("find all masks of pictures")
    .description("Finds all masks of pictures and writes them with a picture of the result.")
    .argument("[pictures...]", "picture files and folders of them")
    .addOption(new Option("--input <path...>", "the same as the argument").hideHelp())
    .option("-o, --output <folder>", "where results go", "outputs")
    .addOption(
      new Option(
        "-f, --format <format>",
        "sa1b: JSON a picture; coco: one JSON for all; png: a folder of masks a picture",
      )
        .choices(["sa1b", "coco", "png"])
        .default("sa1b"),
    )
    .addOption(new Option("--convert-to-rle", "the same as --format sa1b").hideHelp().conflicts("format"))
    .option("--picture", "write a picture with all masks (default)", true)
    .option("--no-picture", "write none")
    .option("--cutouts", "write each object by itself, transparent around, as PNG")
    .option("-r, --recursive", "take sub-folders too, and mirror them in the output")
    .option("--overwrite", "do again what is done already, and replace files of the same names")
    .option("--shard <i/n>", "do part i of n parts")
    .option("--json", "one JSON object a picture on standard output")
    .action(run);
  return addGeneratorOptions(addModelOptions(command)).addHelpText("after", EXAMPLES);
}

async function run(pictures: readonly string[], options: SegmentOptions): Promise<void> {
  const paths = [...pictures, ...(options.input ?? [])];
  if (paths.length === 0)
    throw new UsageError("Name a picture or a folder of pictures: segany segment photo.jpg");
  const inputs = await collectInputs(paths, options.recursive ?? false);
  const failed = await segmentAll(options.shard ? takeShard(inputs, options.shard) : inputs, options);
  if (failed > 0) process.exitCode = 1;
}
