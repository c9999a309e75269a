import { Option } from "commander";
import { parseShare } from "./numbers.js";

/** `--text-model` of the commands that take words. */
export function textModelOption(): Option {
  return new Option(
    "--text-model <file>",
    "weights of OWLv2, OWL-ViT or CLIP for any words, as a file or a downloaded model's name, see docs/text.md (default: the embedded detector)",
  );
}

/** `--text-threshold` of the commands that take words. */
export function textThresholdOption(): Option {
  return new Option(
    "--text-threshold <n>",
    "least score of what words find, 0 to 1 (default: 0.3 of the detector, 0.1 of OWL, 0.5 of CLIP)",
  ).argParser(parseShare);
}
