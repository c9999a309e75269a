import { TEXT_ENGINES } from "@segany/sam/settings";
import { type Command, Option } from "commander";
import { parseShare } from "./numbers.js";

/** Adds the options that choose the engine for words, and the least score. */
export function addTextEngine(command: Command): Command {
  return addTextModel(command).addOption(textThresholdOption());
}

/** Adds the options that choose the engine for words. */
export function addTextModel(command: Command): Command {
  return command
    .addOption(textModelOption())
    .option(
      "--text-projection <file>",
      "with weights of CLIP: what `segany train --text` wrote beside the model, whose own prompts words then are",
    )
    .addOption(
      new Option(
        "--text-engine <name>",
        "the engine that must find the words (default: the one that the weights are for)",
      ).choices(TEXT_ENGINES),
    );
}

function textModelOption(): Option {
  return new Option(
    "--text-model <file>",
    "weights of OWLv2, OWL-ViT or CLIP for any words, as a file or a downloaded model's name, see docs/text.md (default: the embedded detector)",
  );
}

function textThresholdOption(): Option {
  return new Option(
    "--text-threshold <n>",
    "least score of what words find, 0 to 1 (default: 0.3 of the detector, 0.1 of OWL, 0.5 of ranks by CLIP, 0 of clip-prompt)",
  ).argParser(parseShare);
}
