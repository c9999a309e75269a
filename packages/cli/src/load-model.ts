import { type LoadSamOptions, loadSam, type Sam } from "@segany/sam";
import { interruption } from "./interruption.js";
import { applyVerbose, type ModelOptions, selectedModel } from "./model-options.js";

/** Loads the model that the options name. */
export function loadModel(
  options: ModelOptions,
  more: Pick<LoadSamOptions, "runIn" | "opensEncoder"> = {},
): Promise<Sam> {
  applyVerbose(options);
  const { name, ...selected } = selectedModel(options);
  return loadSam(name, { ...selected, ...more, signal: interruption });
}
