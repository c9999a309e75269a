import type { ImageOptions } from "../image-options.js";
import type { ModelOptions } from "../model-options.js";
import type { TextOptions } from "../open-grounder.js";
import type { PromptArguments } from "./prompts.js";

export interface PredictOptions extends ModelOptions, ImageOptions, PromptArguments, TextOptions {
  readonly singleMask?: boolean;
  readonly saveLogits?: boolean;
  readonly embedding?: string;
  readonly picture: boolean;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}
