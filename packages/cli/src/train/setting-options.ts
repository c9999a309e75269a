/** Options of `segany train` that are settings of a run. */
import { DEFAULT_SETTINGS, LORA_TARGETS, TRAINED, type TrainSettings } from "@segany/training/settings";
import { type Command, Option } from "commander";
import { parseCount, parseNumber, parseNumberList } from "../numbers.js";
import { addWordsOptions } from "./words-options.js";

/** Adds those of every training, under headings of their own. */
export function addSettings(command: Command): Command {
  addTraining(command.optionsGroup("Training:"));
  addPrompts(command.optionsGroup("Prompts and views:"));
  addValidation(command.optionsGroup("Validation:"));
  return command;
}

/** Adds a setting that is a number. */
function addNumber(
  command: Command,
  name: keyof TrainSettings,
  flag: string,
  what: string,
  parse = parseCount,
) {
  command.option(`${flag} <n>`, `${what} (default: ${DEFAULT_SETTINGS[name]})`, parse);
}

/** Adds a setting that is one of a few words. */
function addChoice(
  command: Command,
  name: keyof TrainSettings,
  flags: string,
  what: string,
  choices: readonly string[],
) {
  command.addOption(new Option(flags, `${what} (default: ${DEFAULT_SETTINGS[name]})`).choices(choices));
}

function addTraining(command: Command): void {
  addChoice(command, "train", "--train <parts>", "what is trained", TRAINED);
  addNumber(command, "loraRank", "--lora-rank", "rank of the adapters of --train lora");
  addChoice(command, "loraTargets", "--lora-targets <layers>", "linear layers that get them", LORA_TARGETS);
  addNumber(command, "steps", "--steps", "steps of the optimizer");
  addNumber(command, "batch", "--batch", "images of a step");
  addNumber(command, "learningRate", "--lr", "learning rate", parseNumber);
  const schedules = ["cosine", "step", "constant"];
  addChoice(command, "schedule", "--schedule <name>", "how the learning rate falls", schedules);
  addNumber(command, "warmup", "--warmup", "steps over which the learning rate rises");
  addNumber(command, "weightDecay", "--weight-decay", "weight decay", parseNumber);
  const clipping = "length to which longer gradients are scaled down, 0 for none";
  addNumber(command, "clipNorm", "--clip-norm", clipping, parseNumber);
  const layers = "with --train encoder: factor of the learning rate from each layer to the one before it";
  addNumber(command, "layerDecay", "--layer-decay", layers, parseNumber);
  const dropping =
    "with --train encoder: how often a step leaves out the residual branches of the last block";
  addNumber(command, "dropPath", "--drop-path", dropping, parseNumber);
  const averaging = "share of the weights' moving average that a step keeps";
  addNumber(command, "averageDecay", "--average-decay", averaging, parseNumber);
  command.option("--seed <n>", "seed of all random choices (default: 0)", parseCount);
}

function addPrompts(command: Command): void {
  addNumber(command, "masksPerImage", "--masks-per-image", "objects of an image that a step trains on");
  addNumber(command, "rounds", "--rounds", "rounds of prompts for each object; 11 are the paper's");
  command.option(
    "--first-prompts <kinds>",
    `what shows an object first, each as likely (default: ${DEFAULT_SETTINGS.firstPrompts})`,
    (text: string) => text.split(","),
  );
  addNumber(
    command,
    "views",
    "--views",
    "views of each image that are encoded once: itself, and others as below; with --train neck, encoder or lora each step has a new one",
  );
  const smallest = "smallest side of a crop, as a share of the image's";
  addNumber(command, "minCrop", "--min-crop", smallest, parseNumber);
  command.option("--no-flip", "no mirrored views");
  command.option(
    "--scale-jitter <min,max>",
    `range of the scale at which views are shown, cropped above 1 and padded below; the paper's is 0.1,2 (default: ${DEFAULT_SETTINGS.scaleJitter})`,
    (text: string) => parseNumberList(text, [2], "0.1,2"),
  );
  for (const name of ["brightness", "contrast", "saturation"] as const)
    addNumber(command, name, `--${name}`, `how far the ${name} of views may change, 0 to 1`, parseNumber);
  const rehearsal = "share of the images that --rehearsal gives";
  addNumber(command, "rehearsalShare", "--rehearsal-share", rehearsal, parseNumber);
}

/** Adds the options of training words, some of which are settings. */
export function addWords(command: Command): Command {
  addWordsOptions(command.optionsGroup("Prompts in words:"));
  const share = "with --text: share of the images whose objects are shown by CLIP first; the paper's is 1";
  addNumber(command, "textShare", "--text-share", share, parseNumber);
  const least = "with --text: least pixels of an object that CLIP is shown";
  addNumber(command, "textMinArea", "--text-min-area", least);
  return command;
}

function addValidation(command: Command): void {
  addNumber(command, "validateEvery", "--validate-every", "steps between validations and saved states");
  addNumber(command, "validationMasks", "--val-masks", "objects of an image that are validated on");
  const patience = "validations without a better one that end the run, 0 for none";
  addNumber(command, "patience", "--patience", patience);
}
