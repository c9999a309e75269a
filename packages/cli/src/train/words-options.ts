/** Options of `segany train --text`. */
import type { Clip } from "@segany/sam/text";
import type { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { selectedModel } from "../model-options.js";
import { weightsForWords } from "../open-grounder.js";
import type { TrainOptions } from "./train-options.js";

/** Options that have an effect only with it, by their names in camel case. */
const OF_WORDS: ReadonlySet<string> = new Set(["textModel", "textShare", "textMinArea"]);

/** Adds those that are no settings. */
export function addWordsOptions(command: Command): void {
  command
    .option(
      "--text",
      "train prompts in words, too: by CLIP's features of objects, which those of words replace afterwards, see docs/text.md",
    )
    .option(
      "--text-model <file>",
      "with --text: weights of CLIP, as a file or a downloaded model's name, such as clip_vit_b32",
    );
}

/**
 * Checks that no option is given which would have no effect, and that none is missing.
 *
 * @throws UsageError that names it
 */
export function checkWords(command: Command, { text, textModel }: TrainOptions): void {
  if (text && textModel === undefined)
    throw new UsageError(
      "--text needs weights of CLIP: --text-model FILE, or the name of a downloaded model such as clip_vit_b32.",
    );
  if (text) return;
  const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
  const given = command.options.find((option) => {
    const name = option.attributeName();
    return OF_WORDS.has(name) && isGiven(name);
  });
  if (given) throw new UsageError(`${given.long} has an effect only with --text. Leave it out.`);
}

/** The CLIP that is named. @throws SamError as `openClip` */
export async function openWordsClip(options: TrainOptions): Promise<Clip> {
  const { device, threads } = selectedModel(options);
  const { openClip } = await import("@segany/sam/text");
  const checkpoint = await weightsForWords(options.textModel!);
  return openClip({ checkpoint, ...(device && { device }), ...(threads && { threads }) });
}
