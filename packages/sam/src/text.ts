/** Entry for language on Node: CLIP's tokenizer, and its text and image towers. */
export { type Clip, type EmbedOptions, similarity } from "./text/clip.js";
export type { ClipArchitecture, ClipTower } from "./text/clip-architecture.js";
export type { ClipActivation } from "./text/clip-layers.js";
export type { ClipTokenizer, TokenizeOptions } from "./text/clip-tokenizer.js";
export type {
  GroundedObject,
  Grounding,
  GroundOptions,
  TextEngine,
  TextGrounder,
} from "./text/grounding.js";
export { type OpenClipOptions, openClip } from "./text/node-clip.js";
export { openClipTokenizer } from "./text/node-clip-vocabulary.js";
export { type OpenTextGrounderOptions, openTextGrounder } from "./text/node-grounder.js";
export {
  type EmbedMasksOptions,
  embedMasks,
  type MaskFeatures,
  type RankedMask,
  type RankMasksOptions,
  rankMasks,
} from "./text/rank-masks.js";
