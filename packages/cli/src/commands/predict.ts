import { Command } from "commander";
import { EXIT_FAILED, UsageError } from "../cli-error.js";
import { addImageOptions } from "../image-options.js";
import { addModelOptions } from "../model-options.js";
import { parseCount } from "../numbers.js";
import type { PredictOptions } from "../predict/options.js";
import { predictOne } from "../predict/predict-one.js";
import { addPoint, addText, parseBox } from "../predict/prompts.js";
import { addTextEngine } from "../text-options.js";

const EXAMPLES = `
Examples:
  segany predict photo.jpg --point 500,375
  segany predict photo.jpg --point 500,375 --point 1125,625,0        (label 0: not on the object)
  segany predict photo.jpg --box 425,600,700,875 --single-mask
  segany predict photo.jpg --text dog                                (every dog)
  segany predict photo.jpg --text dog --point 500,375                (the dog at that place)
  segany predict photo.jpg --point 500,375 --save-logits
  segany predict photo.jpg --prompts prompts.json --embedding photo.safetensors

Files in the output folder, for photo.jpg: photo.predict.json, photo.predict.png, and photo.logits.npy with
--save-logits. Those of an earlier run are replaced. Coordinates are pixels of the image after its EXIF orientation is applied.`;

/** `segany predict`: masks for prompts on one image. */
export function predictCommand(): Command {
  const command = addTextEngine(
    new Command("predict")
      .summary("segment objects, given by points, a box, words or a mask")
      .description(
        "Segments an object of an image, given by points, a box or a rough mask, or all of a kind.",
      )
      .argument("<image>", "image file, or - for standard input")
      .option(
        "-p, --point <x,y[,label]>",
        "a point on the object (label 1, default) or not on it (0); can be repeated",
        addPoint,
      )
      .option("-b, --box <x0,y0,x1,y1>", "a box around the object", parseBox)
      .option(
        "-t, --text <words>",
        "words for what to segment: one of 80 kinds of things, such as dog, or a name for several, such as vehicle; can be repeated",
        addText,
      ),
  )
    .option(
      "--prompts <file>",
      "JSON list of prompts, one per object, or an earlier photo.predict.json; - for standard input",
    )
    .option("--strict", "stop at a prompt of the list that can't be used, instead of going on without it")
    .option(
      "--mask-input <file>",
      "a rough mask: an image or .npy of the image's size, or logits of an earlier run (.npy)",
    )
    .option("--mask-index <n>", "which mask of a .npy with several, counted from 1 (default: 1)", parseCount)
    .option("--single-mask", "return one mask instead of three (whole, part, subpart)")
    .option("--save-logits", "write the masks' low-resolution logits as .npy")
    .option("--embedding <file>", "the image's embedding, written by `segany embed`; skips the encoder")
    .option("--picture", "write an image with the masks drawn on it", true)
    .option("--no-picture", "do not write it")
    .option("-o, --output <folder>", "output folder", "outputs")
    .option("--overwrite", "replace existing files, also those that no earlier run wrote")
    .option("--json", "print one JSON object on standard output")
    .action(run);
  return addImageOptions(addModelOptions(command)).addHelpText("after", EXAMPLES);
}

async function run(image: string, options: PredictOptions, command: Command): Promise<void> {
  if (command.args.length > 1) throw new UsageError(`predict takes one image, not ${command.args.length}.`);
  const refused = await predictOne(image, options);
  if (refused > 0) process.exitCode = EXIT_FAILED;
}
