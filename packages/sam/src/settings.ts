/**
 * Settings of the mask generator and of preprocessing, and the engines for words, without a model: for
 * programs that check them before a process with one runs.
 */
export {
  BEHAVIOUR_DEFAULTS,
  countPrompts,
  type GeneratorDefaults,
  type MaskGeneratorOptions,
} from "./mask-generator/settings.js";
export {
  type ImagePreprocessing,
  type PreprocessingRequest,
  preprocessingPresets,
  resolvePreprocessing,
} from "./model/image-preprocessing.js";
export { TEXT_ENGINES } from "./text/grounding.js";
