import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingCache } from "@segany/evaluation";
import type { TrainingSample } from "../data/training-sample.js";
import { TrainingError } from "../errors.js";
import { checkedSettings } from "../loop/check-settings.js";
import type { ModelChoice } from "../run/lazy-sam.js";
import { DEFAULT_DISTILL_SETTINGS, DISTILLED, type DistillSettings } from "./distill-settings.js";
import type { DistillStep, DistillValidation } from "./distiller.js";

/** An image without labels. */
export type DistillImage = Pick<TrainingSample, "fileName" | "open">;

/** What a distillation does, as it does it. */
export type DistillEvent =
  | { readonly kind: "encoding"; readonly done: number; readonly total: number }
  | ({ readonly kind: "step"; readonly steps: number } & DistillStep)
  | ({ readonly kind: "validation"; readonly step: number; readonly isBest: boolean } & DistillValidation);

/** Which student learns what from which teacher. */
export interface DistillSamOptions extends ModelChoice {
  /** The model whose embeddings and masks are learned. */
  readonly teacher: Pick<ModelChoice, "model" | "checkpoint" | "lora" | "ignoreUnused" | "preprocessing">;
  /** Images to learn from; they need no labels. */
  readonly images: readonly DistillImage[];
  /** Other images, to tell which weights are best; without them the last ones are. */
  readonly validation?: readonly DistillImage[];
  /** Folder of the run; made if it is not there. */
  readonly output: string;
  readonly settings?: Partial<DistillSettings>;
  /** Writes the weights in PyTorch's format, too. */
  readonly pth?: boolean;
  /** Where the teacher's embeddings are kept. */
  readonly embeddings?: EmbeddingCache;
  /** Called with the complete settings before anything is computed; the run waits for it. */
  readonly onStart?: (settings: DistillSettings) => Promise<void> | void;
  readonly onEvent?: (event: DistillEvent) => void;
  /** Stops after the step that runs; the weights with the best validation so far are saved. */
  readonly signal?: AbortSignal;
}

/** What a distillation ended with. */
export interface DistillResult {
  readonly steps: number;
  /** Before the first step, and of the best weights; missing without validation. */
  readonly before?: DistillValidation;
  readonly best?: DistillValidation & { readonly step: number };
  /** Whole models, for `checkpoint` everywhere: the student's encoder, and the teacher's decoder. */
  readonly bestCheckpoint: string;
  readonly lastCheckpoint: string;
  /** The same in PyTorch's format, if asked for. */
  readonly pth?: { readonly best: string; readonly last: string };
}

/** The whole models in a run's folder. */
export function checkpointsOf(output: string): { readonly best: string; readonly last: string } {
  return { best: join(output, "best.safetensors"), last: join(output, "last.safetensors") };
}

/**
 * Checks the options before anything is opened or written.
 *
 * @returns the settings, complete
 * @throws TrainingError `option-invalid`, `data-empty` without an image, `run-exists`
 */
export function checkDistillOptions(options: DistillSamOptions): DistillSettings {
  const settings = checkedDistillSettings(options.settings ?? {});
  if (options.images.length === 0)
    throw new TrainingError(
      "data-empty",
      "There is no image to learn from. Give some; labels are not needed.",
    );
  if (options.precision === "int8")
    throw new TrainingError(
      "option-invalid",
      "A distillation changes the image encoder, in fp32. Leave the precision int8 out.",
    );
  if (Object.values(checkpointsOf(options.output)).some((path) => existsSync(path)))
    throw new TrainingError("run-exists", `"${options.output}" has a run already. Choose another folder.`);
  return settings;
}

function checkedDistillSettings(some: Partial<DistillSettings>): DistillSettings {
  const settings = { ...DEFAULT_DISTILL_SETTINGS, ...some };
  const { distill, ...common } = settings;
  checkedSettings(common);
  if (DISTILLED.includes(distill)) return settings;
  throw new TrainingError(
    "option-invalid",
    `The setting distill is "${distill}". Choose ${DISTILLED.join(" or ")}.`,
  );
}
