import { DEFAULT_SETTINGS, type DistillSettings, type TrainSettings } from "@segany/training/settings";
import type { ModelOptions } from "../model-options.js";

/** Options of `segany train`. */
export interface TrainOptions
  extends ModelOptions,
    Partial<Omit<TrainSettings, "learningRate" | "validationMasks">> {
  readonly data: string;
  readonly format?: string;
  readonly imageFolder?: string;
  readonly encoding?: string;
  readonly output: string;
  readonly config?: string;
  readonly resume?: boolean;
  readonly rehearsal?: string;
  readonly val?: string;
  readonly valEvery?: number;
  readonly lr?: number;
  readonly valMasks?: number;
  readonly reportEverything?: number;
  readonly pth?: boolean;
  readonly text?: boolean;
  readonly textModel?: string;
  readonly distillFrom?: string;
  readonly distill?: DistillSettings["distill"];
  readonly json?: boolean;
}

/** Without `val`, each so many images validates. */
export const VALIDATE_EVERY_IMAGE = 5;

/** Settings whose option has another name. */
const RENAMED: Readonly<Record<string, keyof TrainSettings>> = {
  lr: "learningRate",
  valMasks: "validationMasks",
};

/** The setting that an option gives, by the option's name in camel case; undefined for other options. */
export function settingOf(option: string): keyof TrainSettings | undefined {
  const name = RENAMED[option] ?? option;
  return Object.hasOwn(DEFAULT_SETTINGS, name) ? (name as keyof TrainSettings) : undefined;
}

/** The settings that options give. */
export function settingsOf(options: Partial<TrainOptions>): Partial<TrainSettings> {
  const given = Object.entries(options).flatMap(([option, value]) => {
    const name = settingOf(option);
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}
