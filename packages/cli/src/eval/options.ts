import { readableFormats } from "@segany/dataset";
import type { DatasetSource } from "@segany/evaluation";
import { type Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { addModelOptions, type ModelOptions } from "../model-options.js";
import { parseCount } from "../numbers.js";

/** Options that every protocol has. */
export interface EvalOptions extends ModelOptions {
  readonly data?: readonly string[];
  readonly format?: string;
  readonly imageFolder?: string;
  readonly encoding?: string;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly limit?: number;
  readonly maxMasks?: number;
  readonly thingsOnly?: boolean;
  readonly seed?: number;
  readonly bootstrap?: number;
  readonly strict?: boolean;
}

/** Adds `--data` and how to read it. */
export function addDataOptions(command: Command): Command {
  return addFormatOption(
    command.addOption(
      new Option("-d, --data <folder>", "data set (required); repeat it for the mean over sets")
        .argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
        .makeOptionMandatory(),
    ),
  );
}

/** Adds `--format`, `--image-folder` and `--encoding`, of the sets that `data` names. */
export function addFormatOption(command: Command, data = "the data"): Command {
  return command
    .addOption(
      new Option("-f, --format <format>", `format of ${data} (default: detected)`).choices(
        readableFormats.map(({ name }) => name),
      ),
    )
    .option(
      "--image-folder <folder>",
      `folder of the image files of ${data}, if not at the format's usual place`,
    )
    .option("--encoding <name>", `encoding of the texts of ${data}, such as gb18030 (default: UTF-8)`);
}

/** Adds the options for the sampled images and masks, and for the report. */
export function addSamplingOptions(command: Command, name: string): Command {
  return command
    .option("-o, --output <folder>", "folder for the report", `eval-${name}`)
    .option("--overwrite", "replace a report there that no evaluation wrote, or that was changed since")
    .option("--limit <n>", "only the first n images of each set", parseCount)
    .option("--max-masks <n>", "at most n masks per image, taken at equal steps", parseCount)
    .option("--things-only", "only countable objects (isthing of the mask or its class), no stuff")
    .option("--seed <n>", "seed of random choices (default: 0)", parseCount)
    .option("--bootstrap <n>", "resamples for the 95 % intervals, 0 for none (default: 1000)", parseCount);
}

/** Adds the model's options under their own heading; --quiet is not one of them. */
export function addModelGroup(command: Command): Command {
  addModelOptions(command.optionsGroup("Model:"));
  command.options.find(({ long }) => long === "--quiet")?.helpGroup("Options:");
  return command;
}

/** The data sets named by the options. */
export function sourcesOf(
  paths: readonly string[] | undefined,
  { format, imageFolder, encoding }: EvalOptions,
): DatasetSource[] {
  if (!paths || paths.length === 0) throw new UsageError("Name a data set: --data <folder>");
  return paths.map((path) => ({ path, format, images: imageFolder, encoding }));
}

/** The settings common to all protocols. */
export function commonSettings({ limit, maxMasks, thingsOnly, seed, bootstrap }: EvalOptions): {
  readonly limit?: number;
  readonly maxMasks?: number;
  readonly thingsOnly?: boolean;
  readonly seed?: number;
  readonly bootstrapRounds?: number;
} {
  return {
    ...(limit !== undefined && { limit }),
    ...(maxMasks !== undefined && { maxMasks }),
    ...(thingsOnly !== undefined && { thingsOnly }),
    ...(seed !== undefined && { seed }),
    ...(bootstrap !== undefined && { bootstrapRounds: bootstrap }),
  };
}
