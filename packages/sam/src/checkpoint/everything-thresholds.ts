import { invalidCheckpoint, type StateDict } from "@segany/graph/weights";

/**
 * Thresholds of everything mode that suit a model's own scores. A model that was trained on objects whose
 * outlines are hard to tell says so: its predicted IoU is lower than a published model's, which the defaults
 * (.88 and .95) are made for.
 */
export interface EverythingThresholds {
  /** `predIouThresh` of `SamAutomaticMaskGenerator`. */
  readonly predIouThresh: number;
  /** Its `stabilityScoreThresh`. */
  readonly stabilityScoreThresh: number;
}

/** Name of the text beside a model's tensors that has them. */
const KEY = "everything_thresholds";

/**
 * The thresholds as texts beside the tensors of a safetensors file.
 *
 * @example
 * console.log(metadataOfThresholds({ predIouThresh: 0.7, stabilityScoreThresh: 0.9 }));
 */
export function metadataOfThresholds(thresholds: EverythingThresholds): Readonly<Record<string, string>> {
  const { predIouThresh, stabilityScoreThresh } = thresholds;
  return { [KEY]: JSON.stringify({ predIouThresh, stabilityScoreThresh }) };
}

/**
 * The thresholds that are kept with weights; undefined where there are none.
 *
 * @throws SamError `checkpoint-invalid`
 */
export function keptThresholds({
  metadata = {},
  source,
}: Pick<StateDict, "metadata" | "source">): EverythingThresholds | undefined {
  if (!Object.hasOwn(metadata, KEY)) return undefined;
  const { predIouThresh, stabilityScoreThresh } = parsed(metadata[KEY]!);
  if (isShare(predIouThresh) && isShare(stabilityScoreThresh)) return { predIouThresh, stabilityScoreThresh };
  throw invalidCheckpoint(
    `${source}: "${KEY}" in its metadata is ${metadata[KEY]!.slice(0, 100)}. It must have predIouThresh and stabilityScoreThresh, each from 0 to 1.`,
  );
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}
