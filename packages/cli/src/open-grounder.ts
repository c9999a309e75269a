import { existsSync } from "node:fs";
import { SamError } from "@segany/masks";
import { findCheckpoint, type Sam, textModels } from "@segany/sam";
import type { OpenTextGrounderOptions, TextEngine, TextGrounder } from "@segany/sam/text";
import { downloadSize } from "./download-size.js";
import type { ModelOptions } from "./model-options.js";

/** Options of commands that take words. */
export interface TextOptions extends Pick<ModelOptions, "threads" | "checkpoint"> {
  readonly textThreshold?: number;
  readonly textModel?: string;
  readonly textProjection?: string;
  readonly textEngine?: TextEngine;
}

/** The options that choose the engine, or how it is used. */
export const TEXT_OPTIONS = {
  textThreshold: "--text-threshold",
  textModel: "--text-model",
  textProjection: "--text-projection",
  textEngine: "--text-engine",
} as const satisfies Partial<Record<keyof TextOptions, string>>;

/** The first of them that is given, as it is written. */
export function givenTextOption(options: TextOptions): string | undefined {
  const names = Object.keys(TEXT_OPTIONS) as (keyof typeof TEXT_OPTIONS)[];
  const given = names.find((name) => options[name] !== undefined);
  return given && TEXT_OPTIONS[given];
}

/** Whether the engine is the embedded one, which needs neither weights nor the model. */
export function isEmbedded({ textModel, textProjection, textEngine }: TextOptions): boolean {
  return textModel === undefined && textProjection === undefined && (textEngine ?? "detector") === "detector";
}

/**
 * Opens the engine for words. The detector always runs on the CPU, where it takes less time than a device
 * needs to start. The engine clip-prompt takes the projection that lies beside the model's checkpoint, if
 * none is named.
 *
 * @param sam the model, which CLIP needs for masks to rank, or gives prompts to
 */
export async function openGrounder(options: TextOptions, sam?: Sam): Promise<TextGrounder> {
  const { openTextGrounder } = await import("@segany/sam/text");
  const { threads } = options;
  const weights = await selectedTextModel(options);
  return openTextGrounder({
    ...weights,
    ...(threads && { threads }),
    ...(weights.checkpoint && sam && { sam }),
  });
}

/**
 * The weights that the options name.
 *
 * @throws SamError `checkpoint-not-found`
 */
export async function selectedTextModel({
  textModel,
  textProjection,
  textEngine,
  checkpoint: model,
}: TextOptions): Promise<Pick<OpenTextGrounderOptions, "checkpoint" | "projection" | "engine">> {
  const checkpoint = textModel && (await weightsForWords(textModel));
  const projection = textProjection ?? (textEngine === "clip-prompt" ? projectionBeside(model) : undefined);
  return {
    ...(checkpoint && { checkpoint }),
    ...(projection && { projection }),
    ...(textEngine && { engine: textEngine }),
  };
}

/** `best.text.safetensors` of `best.safetensors`, if it is there. */
function projectionBeside(checkpoint: string | undefined): string | undefined {
  const path = checkpoint?.replace(/\.(?:safetensors|pth?)$/i, ".text.safetensors");
  return path !== checkpoint && path !== undefined && existsSync(path) ? path : undefined;
}

/**
 * The file of a model for words that is known by name, once it is downloaded; anything else is a file itself.
 *
 * @throws SamError `checkpoint-not-found`
 */
export async function weightsForWords(textModel: string): Promise<string> {
  const known = textModels.find(({ name }) => name === textModel);
  if (!known) return textModel;
  const path = await findCheckpoint(known);
  if (path !== undefined) return path;
  throw new SamError(
    "checkpoint-not-found",
    `${textModel} is not on this machine: segany models download ${textModel} (${downloadSize(known.source)})`,
  );
}
