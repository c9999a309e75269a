import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { addImageOptions } from "../image-options.js";
import { addModelOptions } from "../model-options.js";
import { addText } from "../predict/prompts.js";
import { collectInputs, skippedNotice, takeShard } from "../segment/inputs.js";
import { addGeneratorOptions, checkTextOptions, type SegmentOptions } from "../segment/options.js";
import { isRemote, openRemotePlace } from "../segment/remote-place.js";
import { segmentAll } from "../segment/segment-all.js";
import { printNote } from "../terminal/print.js";
import { addTextEngine } from "../text-options.js";

const EXAMPLES = `
Examples:
  segany segment photo.jpg
  segany segment photos/ --output masks --recursive
  segany segment photos/ --format coco --no-picture --json > log.jsonl
  segany segment photo.jpg --model vit_h --behaviour paper
  segany segment photos/ --text dog --text cat --format coco         (their masks, with these classes)
  segany segment photos/ --shard 2/8           (one of eight machines)
  segany segment s3://in/photos --output s3://out/masks --shard 2/8      (needs @segany/cluster)

Files in the output folder, for photo.jpg: photo.json (SA-1B) or photo/ (png) or annotations.json (coco),
and photo.png with the masks drawn on the image. Images that are done and unchanged are skipped; --overwrite
segments them again.`;

/** `segany segment`: all masks of images. */
export function segmentCommand(): Command {
  const command = addTextEngine(
    new Command("segment")
      .summary("find all masks of images, or those of words")
      .description("Finds all masks of images, and writes them and an image with the masks drawn on it.")
      .argument(
        "[images...]",
        "image files, folders of images, patterns ('photos/*.jpg'), or s3://bucket/prefix",
      )
      .addOption(new Option("--input <path...>", "the same as the argument").hideHelp())
      .option("-o, --output <folder>", "output folder, or s3://bucket/prefix", "outputs")
      .addOption(
        new Option(
          "-f, --format <format>",
          "sa1b: one JSON file per image; coco: one JSON file for all; png: one folder of masks per image",
        )
          .choices(["sa1b", "coco", "png"])
          .default("sa1b"),
      )
      .addOption(new Option("--convert-to-rle", "the same as --format sa1b").hideHelp().conflicts("format"))
      .option(
        "-t, --text <words>",
        "only the masks of what words say, which become their class, see docs/text.md; can be repeated",
        addText,
      ),
  )
    .option("--picture", "write an image with all masks drawn on it", true)
    .option("--no-picture", "do not write it")
    .option("--cutouts", "write each object as a transparent PNG")
    .option("-r, --recursive", "include sub-folders, and mirror them in the output")
    .option("--overwrite", "segment finished images again, and replace existing files")
    .option("--shard <i/n>", "process part i of n")
    .option("--json", "print one JSON object per image on standard output")
    .action(run);
  return addGeneratorOptions(addImageOptions(addModelOptions(command))).addHelpText("after", EXAMPLES);
}

async function run(named: readonly string[], options: SegmentOptions): Promise<void> {
  const paths = [...named, ...(options.input ?? [])];
  if (paths.length === 0)
    throw new UsageError("Name an image or a folder of images: segany segment photo.jpg");
  checkTextOptions(options);
  const remote = isRemote(paths, options) ? await openRemotePlace(paths, options) : undefined;
  try {
    const { images, skipped } = remote ?? (await collectInputs(paths, options.recursive ?? false));
    if (skipped.length > 0 && !options.quiet) printNote(skippedNotice(skipped).trimStart());
    const ours = options.shard ? takeShard(images, options.shard) : images;
    if ((await segmentAll(ours, options, remote?.place)) > 0) process.exitCode = 1;
  } finally {
    await remote?.close();
  }
}
