/** Options of commands with a model; none is loaded here, as commands without one load this file too. */
import type { LoadSamOptions, Precision } from "@segany/sam";
import { type PreprocessingRequest, preprocessingPresets } from "@segany/sam/settings";
import { type Command, Option } from "commander";
import { parseCount } from "./numbers.js";
import { parsePreprocessing } from "./parse-preprocessing.js";

/** Options that every command with a model has. */
export interface ModelOptions {
  readonly model?: string;
  readonly modelType?: string;
  readonly checkpoint?: string;
  readonly lora?: string;
  readonly ignoreUnused?: boolean;
  readonly preprocessing?: PreprocessingRequest;
  readonly device?: string;
  readonly threads?: number;
  readonly precision?: Precision;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Adds the options to a command. */
export function addModelOptions(command: Command): Command {
  return addModelSelection(command).option("-q, --quiet", "print only errors, no progress");
}

/** Adds the options to a command that has `--quiet` already. */
export function addModelSelection(command: Command): Command {
  return command
    .option(
      "-m, --model <name>",
      "model: mobile_sam, vit_b, vit_l, vit_h (default: that of --checkpoint, else mobile_sam)",
    )
    .addOption(new Option("--model-type <name>", "the same as --model").hideHelp().conflicts("model"))
    .option(
      "-c, --checkpoint <file>",
      "weights: .pth, .pt or .safetensors, the index of several files, or their folder (default: embedded or downloaded)",
    )
    .option(
      "--lora <file>",
      "low-rank adapters to merge into the weights, as segany train --train lora saves them",
    )
    .option("--ignore-unused", "accept a checkpoint with weights that its model does not use")
    .option(
      "--preprocessing <name or file>",
      `what a fine-tuned model expects of images: ${preprocessingPresets.join(", ")}, or a JSON file with mean, std, range (bytes, unit, minmax) and resize (longest-side, square)`,
      parsePreprocessing,
    )
    .option("--device <name>", "device of ONNX Runtime: cpu, cuda, webgpu, coreml, dml (default: cpu)")
    .option("--threads <n>", "CPU threads (default: SEGANY_THREADS, else one per core)", parseCount)
    .addOption(
      new Option(
        "--precision <name>",
        "precision of the image encoder; int8 is faster, and its masks differ slightly",
      )
        .choices(["fp32", "int8"])
        .default("fp32"),
    )
    .option("--verbose", "also print which built or packed models are opened");
}

/** What `loadSam` takes, and the name of the model. */
export interface SelectedModel
  extends Pick<
    LoadSamOptions,
    "checkpoint" | "lora" | "ignoreUnused" | "preprocessing" | "device" | "threads" | "precision"
  > {
  readonly name?: string;
}

/** The model that the options name. */
export function selectedModel(options: ModelOptions): SelectedModel {
  const { checkpoint, lora, ignoreUnused, preprocessing, device, threads, precision } = options;
  const name = options.model ?? options.modelType;
  return {
    ...(name && { name }),
    ...(checkpoint && { checkpoint }),
    ...(lora && { lora }),
    ...(ignoreUnused && { ignoreUnused }),
    ...(preprocessing && { preprocessing }),
    ...(device && { device }),
    ...(threads && { threads }),
    ...(precision && { precision }),
  };
}

/** Tells this process, and those that it starts, to print which models are opened. */
export function applyVerbose({ verbose }: Pick<ModelOptions, "verbose">): void {
  if (verbose) process.env.SEGANY_VERBOSE = "1";
}
