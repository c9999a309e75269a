import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingCache } from "@segany/evaluation";
import type { Clip } from "@segany/sam/text";
import type { TrainingSample } from "../data/training-sample.js";
import { TrainingError } from "../errors.js";
import { checkedSettings } from "../loop/check-settings.js";
import { type TrainSettings, trainsEncoder } from "../loop/settings.js";
import type { StepResult } from "../loop/trainer.js";
import type { ValidationResult } from "../loop/validate.js";
import type { ModelChoice } from "./lazy-sam.js";
import { STATE_FILE } from "./run-state.js";

/** What a run does, as it does it. */
export type TrainEvent =
  | { readonly kind: "encoding"; readonly done: number; readonly total: number }
  | ({ readonly kind: "step"; readonly steps: number } & StepResult)
  | ({ readonly kind: "validation"; readonly step: number; readonly isBest: boolean } & ValidationResult)
  | { readonly kind: "comparing"; readonly done: number; readonly total: number };

/** What is trained on what, and where the results go. */
export interface TrainSamOptions extends ModelChoice {
  readonly data: readonly TrainingSample[];
  /**
   * Images of other kinds, of which `rehearsalShare` of the steps take one, so that the model does not forget
   * what it knows of them.
   */
  readonly rehearsal?: readonly TrainingSample[];
  /** Other images, to tell which weights are best; without them the last ones are. */
  readonly validation?: readonly TrainingSample[];
  /** Folder of the run; made if it is not there. */
  readonly output: string;
  readonly settings?: Partial<TrainSettings>;
  /**
   * Trains prompts in words, too: a CLIP whose features become a prompt (paper, appendix D.5). Of objects in
   * training, of words afterwards (`openTextGrounder` with `projection`). The caller closes it.
   */
  readonly clip?: Clip;
  /** Goes on with the run in `output`, to the same result as if it had never stopped. */
  readonly resume?: boolean;
  /** Writes the weights in PyTorch's format, too. */
  readonly pth?: boolean;
  /** Validation images on which the report compares everything mode; 0 by default, as it takes long. */
  readonly reportEverything?: number;
  readonly embeddings?: EmbeddingCache;
  /**
   * Called with the complete settings once the folder is there and a run to resume fits, before anything is
   * computed; the run waits for it.
   */
  readonly onStart?: (settings: TrainSettings) => Promise<void> | void;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Stops after the step that runs; the state is saved. */
  readonly signal?: AbortSignal;
}

/**
 * Checks the options before anything is opened or written.
 *
 * @returns the settings, complete
 * @throws TrainingError `option-invalid`, `target-empty` without an image, `run-exists`, `run-not-found`
 */
export function checkOptions(options: TrainSamOptions): TrainSettings {
  const settings = checkedSettings(options.settings ?? {});
  if (options.data.length === 0)
    throw new TrainingError("target-empty", "There is no image to train on. Name a set with masks.");
  if (options.precision === "int8" && trainsEncoder(settings))
    throw new TrainingError(
      "option-invalid",
      `train "${settings.train}" changes the image encoder, in fp32. Leave the precision int8 out, or train the decoder.`,
    );
  checkReportEverything(options);
  checkFolder(options.output, options.resume ?? false);
  return settings;
}

function checkReportEverything({ reportEverything: count = 0, validation = [] }: TrainSamOptions): void {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new TrainingError(
      "option-invalid",
      `reportEverything is ${count}. It must be an integer, 0 or more.`,
    );
  if (count > 0 && validation.length === 0)
    throw new TrainingError(
      "option-invalid",
      `reportEverything is ${count}, but no image validates. Leave it out, or name images that do.`,
    );
}

function checkFolder(output: string, resume: boolean): void {
  const hasRun = existsSync(join(output, STATE_FILE));
  if (resume && !hasRun)
    throw new TrainingError(
      "run-not-found",
      `There is no run to resume in "${output}". Start one without resuming.`,
    );
  if (!resume && hasRun)
    throw new TrainingError(
      "run-exists",
      `"${output}" has a run already. Resume it, or choose another folder.`,
    );
}
