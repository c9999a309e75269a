import { DEFAULT_SETTINGS, type TrainSettings } from "../loop/settings.js";
import type { TrainedSettings } from "../model/trained-parts.js";

/** What a student learns from its teacher: its embeddings, or its masks for simulated prompts. */
export const DISTILLED = ["embeddings", "prompts"] as const;

/** Settings of a training that a distillation doesn't have. */
type OfTraining =
  | keyof TrainedSettings
  | ("layerDecay" | "dropPath" | "textShare" | "textMinArea" | "rehearsalShare" | "patience");

/** Settings of a distillation: plain data. Those with the names of a training's mean the same. */
export interface DistillSettings extends Omit<TrainSettings, Exclude<OfTraining, "seed">> {
  readonly distill: (typeof DISTILLED)[number];
}

const { train, loraRank, loraTargets, layerDecay, dropPath, ...others } = DEFAULT_SETTINGS;
const { textShare, textMinArea, rehearsalShare, patience, ...common } = others;

/** For a student that has learned before; one with random weights needs more steps, at a rate of 1e-3. */
export const DEFAULT_DISTILL_SETTINGS: DistillSettings = { ...common, distill: "embeddings" };
