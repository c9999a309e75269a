/** Settings of a run, without what runs it. */
export {
  DEFAULT_DISTILL_SETTINGS,
  DISTILLED,
  type DistillSettings,
} from "./distillation/distill-settings.js";
export { DEFAULT_SETTINGS, type TrainSettings, trainsEncoder } from "./loop/settings.js";
export { LORA_TARGETS, TRAINED, type Trained, type TrainedSettings } from "./model/trained-parts.js";
