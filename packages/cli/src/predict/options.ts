import type { ImageOptions } from "../image-options.js";
import type { ModelOptions } from "../model-options.js";
import type { PromptArguments } from "./prompts.js";

export interface PredictOptions extends ModelOptions, ImageOptions, PromptArguments {
  readonly singleMask?: boolean;
  readonly saveLogits?: boolean;
  readonly embedding?: string;
  readonly picture: boolean;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly strict?: boolean;
  readonly textThreshold?: number;
  readonly textModel?: string;
  readonly json?: boolean;
}
