import type { Command, Option } from "commander";
import { isFileOfModel } from "./distill-options.js";

/** Options that are not settings of a run: what is printed, and where settings come from. */
const NOT_IN_FILES: ReadonlySet<string> = new Set(["config", "resume", "json", "quiet", "verbose"]);

/** Keys whose values are paths. */
const PATHS: ReadonlySet<string> = new Set([
  "data",
  "image-folder",
  "val",
  "rehearsal",
  "output",
  "checkpoint",
  "lora",
]);

/** A key of a configuration file. */
export interface ConfigOption {
  readonly key: string;
  /** The option's name in camel case. */
  readonly name: string;
  readonly option: Option;
  /** Whether a value is a path. */
  readonly isPath: (value: string) => boolean;
}

/** The keys that a command's configuration files have: its long options without the dashes. */
export function configOptions(command: Command): ConfigOption[] {
  return command.options
    .map((option) => {
      const key = option.name().replace(/^no-/, "");
      return { key, name: option.attributeName(), option, isPath: isPathOf(key) };
    })
    .filter(({ key, option }) => !NOT_IN_FILES.has(key) && !option.hidden);
}

function isPathOf(key: string): ConfigOption["isPath"] {
  return ["distill-from", "text-model"].includes(key) ? isFileOfModel : () => PATHS.has(key);
}
