import { join, relative, resolve, sep } from "node:path";
import { writeFileAtomic } from "@segany/runtime/files";
import type { TrainSettings } from "@segany/training/settings";
import type { Command } from "commander";
import { stringify } from "yaml";
import { version } from "../version.js";
import { configOptions } from "./config-options.js";
import { settingOf, type TrainOptions, VALIDATE_EVERY_IMAGE } from "./train-options.js";

/** What a run was started with, defaults included. */
export interface EffectiveOptions {
  readonly options: TrainOptions;
  /** Those that have an effect. */
  readonly settings: Partial<TrainSettings>;
  readonly threads: number;
}

/**
 * Writes `config.yaml` into a run's folder. With it as `--config`, and another `--output`, the run is
 * repeated.
 */
export async function writeConfig(command: Command, effective: EffectiveOptions): Promise<void> {
  const folder = effective.options.output;
  const lines = [
    `# Written by segany ${version}. To repeat the run: segany train --config FILE --output OTHER`,
    stringify(configOf(command, effective)),
  ];
  await writeFileAtomic(join(folder, "config.yaml"), lines.join("\n"));
}

/** Every option with its effective value; paths are relative to the run's folder. */
function configOf(command: Command, { options, settings, threads }: EffectiveOptions) {
  const { model, modelType, checkpoint, val, valEvery, output, ...others } = options;
  const name = model ?? modelType ?? (checkpoint === undefined ? "mobile_sam" : undefined);
  const complete: Readonly<Record<string, unknown>> = {
    ...others,
    checkpoint,
    model: name,
    val,
    valEvery: val === undefined ? (valEvery ?? VALIDATE_EVERY_IMAGE) : undefined,
    threads,
  };
  const entries = configOptions(command).map(({ key, name, isPath }) => {
    const setting = settingOf(name);
    const value = setting ? settings[setting] : complete[name];
    return [
      key,
      value !== undefined && isPath(String(value)) ? pathFrom(output, String(value)) : value,
    ] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function pathFrom(folder: string, path: string): string {
  return relative(resolve(folder), resolve(path)).split(sep).join("/") || ".";
}
