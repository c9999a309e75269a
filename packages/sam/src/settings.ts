/**
 * Settings of the mask generator, without a model: for programs that check them before a process with one
 * runs.
 */
export {
  BEHAVIOUR_DEFAULTS,
  countPrompts,
  type GeneratorDefaults,
  type MaskGeneratorOptions,
} from "./mask-generator/settings.js";
