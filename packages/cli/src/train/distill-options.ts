/** Options of `segany train --distill-from`. */
import { DEFAULT_DISTILL_SETTINGS, DISTILLED, type DistillSettings } from "@segany/training/settings";
import { type Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { settingsOf, type TrainOptions } from "./train-options.js";

/** Options that a distillation has no use for, by their names in camel case. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...["format", "imageFolder", "encoding", "rehearsal", "rehearsalShare", "reportEverything", "resume"],
  ...["text", "textModel", "textShare", "textMinArea"],
  ...["train", "loraRank", "loraTargets", "layerDecay", "dropPath", "patience"],
]);

/** Those that only prompts in the loop use. */
const OF_PROMPTS: ReadonlySet<string> = new Set(["rounds", "masksPerImage", "firstPrompts"]);

/** Adds them. */
export function addDistillation(command: Command): Command {
  return command
    .optionsGroup("Distillation:")
    .option(
      "--distill-from <name or file>",
      "teacher: a model's name or a checkpoint; the image encoder of --model or --checkpoint learns from it, without labels",
    )
    .addOption(
      new Option(
        "--distill <what>",
        `what it learns: the teacher's embeddings, or its masks for simulated prompts (default: ${DEFAULT_DISTILL_SETTINGS.distill})`,
      ).choices(DISTILLED),
    );
}

/**
 * Checks that no option is given which would have no effect.
 *
 * @throws UsageError that names it
 */
export function checkDistillation(command: Command, { distillFrom, distill }: TrainOptions): void {
  if (distillFrom === undefined) {
    if (distill !== undefined)
      throw new UsageError("--distill needs a teacher. Name one with --distill-from.");
    return;
  }
  for (const option of command.options) {
    const name = option.attributeName();
    const isGiven = ["cli", "config"].includes(command.getOptionValueSource(name) ?? "");
    if (!isGiven) continue;
    if (WITHOUT_EFFECT.has(name))
      throw new UsageError(`${option.long} has no effect with --distill-from. Leave it out.`);
    if (OF_PROMPTS.has(name) && distill !== "prompts")
      throw new UsageError(`${option.long} has an effect only with --distill prompts. Leave it out.`);
  }
}

/** The settings that options give. */
export function distillSettingsOf(options: TrainOptions): Partial<DistillSettings> {
  return { ...settingsOf(options), ...(options.distill && { distill: options.distill }) };
}

/** The settings of a distillation that have an effect. */
export function effectiveSettings(settings: DistillSettings): Partial<DistillSettings> {
  const isUsed = (name: string) => settings.distill === "prompts" || !OF_PROMPTS.has(name);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isUsed(name)));
}

/** Whether a teacher, or what a configuration file has for one, is a file and no name. */
export function isFileOfModel(text: string): boolean {
  return /[./\\]/.test(text);
}
