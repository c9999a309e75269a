import { SamError } from "@segany/masks";
import { findCheckpoint, type Sam, textModels } from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import type { ModelOptions } from "./model-options.js";

/** Options of commands that take words. */
export interface TextOptions extends Pick<ModelOptions, "threads"> {
  readonly textThreshold?: number;
  readonly textModel?: string;
}

/**
 * Opens the engine for words. The detector always runs on the CPU, where it takes less time than a device
 * needs to start.
 *
 * @param sam the model, which CLIP needs for masks to rank
 */
export async function openGrounder({ threads, textModel }: TextOptions, sam?: Sam): Promise<TextGrounder> {
  const { openTextGrounder } = await import("@segany/sam/text");
  const checkpoint = textModel && (await weightsOf(textModel));
  return openTextGrounder({
    ...(threads && { threads }),
    ...(checkpoint && { checkpoint }),
    ...(checkpoint && sam && { sam }),
  });
}

/** The file of a model known by name, once it is downloaded; anything else is a file itself. */
async function weightsOf(textModel: string): Promise<string> {
  const known = textModels.find(({ name }) => name === textModel);
  if (!known) return textModel;
  const path = await findCheckpoint(known);
  if (path !== undefined) return path;
  throw new SamError(
    "checkpoint-not-found",
    `${textModel} is not on this machine: segany models download ${textModel} (${(known.source.sizeBytes / 1e6).toFixed(0)} MB)`,
  );
}
