/** `--config`: options of a run in a YAML or JSON file. */
import { dirname, resolve } from "node:path";
import { type PreprocessingRequest, resolvePreprocessing } from "@segany/sam/settings";
import type { Command, Option } from "commander";
import { parse } from "yaml";
import { UsageError } from "../cli-error.js";
import { nearestName } from "../nearest-name.js";
import { readInput } from "../read-input.js";
import { type ConfigOption, configOptions } from "./config-options.js";
import type { TrainOptions } from "./train-options.js";

const MAX_BYTES = 2 ** 20;

/** Of two options only one counts: the one on the command line. */
const RIVALS: readonly (readonly [string, string])[] = [
  ["val", "valEvery"],
  ["model", "modelType"],
];

/** Options that a run needs, from whichever place. */
const REQUIRED = ["data", "output"];

/**
 * The options of a command line, with those of the file that it names. Those on the command line win.
 *
 * @throws UsageError for what is wrong in the file, an option that is missing, and options that exclude each
 *   other; SamError `file-unreadable`
 */
export async function withConfig(command: Command): Promise<TrainOptions> {
  const { config } = command.opts<TrainOptions>();
  if (config !== undefined)
    applyConfig(command, (await readInput(config, MAX_BYTES)).toString("utf8"), config);
  const options = command.opts<TrainOptions>();
  for (const { name, option } of configOptions(command))
    if (REQUIRED.includes(name) && command.getOptionValue(name) === undefined)
      throw new UsageError(`required option '${option.flags}' not specified, here or in --config`);
  if (options.val !== undefined && options.valEvery !== undefined)
    throw new UsageError("Either --val or --val-every chooses what validates. Leave one out.");
  return options;
}

/**
 * Sets the options that a file has and the command line does not.
 *
 * @param path of the file: relative paths in it start at its folder
 * @throws UsageError that names the key
 */
export function applyConfig(command: Command, text: string, path: string): void {
  const options = configOptions(command);
  for (const [key, value] of Object.entries(parseFile(text, path))) {
    const found = options.find((each) => each.key === key);
    if (!found) throw unknownKey(key, options, path);
    const parsed = parseValue(found, value, path);
    if (!isGiven(command, found.name)) command.setOptionValueWithSource(found.name, parsed, "config");
  }
}

function parseFile(text: string, path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(text); // JSON is YAML
  } catch (error) {
    throw new UsageError(`"${path}" is not valid YAML: ${(error as Error).message.split("\n")[0]}`);
  }
  if (typeof content === "object" && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
  throw new UsageError(`"${path}" must have a line "key: value" for each option.`);
}

function unknownKey(key: string, options: readonly ConfigOption[], path: string): UsageError {
  const near = nearestName(
    key,
    options.map((each) => each.key),
  );
  const hint = near ? `Did you mean "${near}"?` : "Keys are the long options of segany train.";
  return new UsageError(`"${path}" has the unknown key "${key}". ${hint}`);
}

/** Whether the command line has an option, or its rival. */
function isGiven(command: Command, name: string): boolean {
  const names = [name, ...RIVALS.filter((pair) => pair.includes(name)).flat()];
  return names.some((each) => command.getOptionValueSource(each) === "cli");
}

function parseValue({ key, option, isPath }: ConfigOption, value: unknown, path: string): unknown {
  const wrong = (why: string) => new UsageError(`The value of "${key}" in "${path}" is wrong: ${why}`);
  if (option.isBoolean() || option.negate) {
    if (typeof value === "boolean") return value;
    throw wrong("it must be true or false.");
  }
  if (key === "preprocessing") return parsePreprocessing(option, value, path, wrong);
  const text = textOf(value);
  if (text === undefined) throw wrong("it must be a text or a number.");
  return isPath(text) ? resolve(dirname(path), text) : parseText(option, text, wrong);
}

/** As on the command line, or the fields of the JSON file in place. */
function parsePreprocessing(option: Option, value: unknown, path: string, wrong: (why: string) => Error) {
  const text = textOf(value);
  if (text !== undefined)
    return parseText(option, /[./\\]/.test(text) ? resolve(dirname(path), text) : text, wrong);
  try {
    return resolvePreprocessing(value as PreprocessingRequest);
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function parseText(option: Option, text: string, wrong: (why: string) => Error): unknown {
  try {
    return option.parseArg ? option.parseArg(text, undefined) : text;
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

/** A value as it is on the command line; a list's are between commas. */
function textOf(value: unknown): string | undefined {
  const isScalar = (each: unknown) => typeof each === "string" || typeof each === "number";
  return isScalar(value) || (Array.isArray(value) && value.every(isScalar)) ? String(value) : undefined;
}
