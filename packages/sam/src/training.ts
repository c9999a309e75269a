/** Entry for packages that train a model: its weights, its network in plain form, shapes of fresh ones. */
export { metadataOfThresholds } from "./checkpoint/everything-thresholds.js";
export { mergeLora } from "./checkpoint/lora.js";
export type { DecoderArchitecture, VitArchitecture } from "./families/sam/architecture.js";
export { tokenBlock } from "./families/sam/image-encoder-vit.js";
export { layerNorm, linear } from "./families/sam/layers.js";
export { samWeightShapes, type VitSamArchitecture } from "./families/sam/weight-shapes.js";
export {
  type OpenTrainableOptions,
  openTrainableModel,
  type TrainableModel,
} from "./files/node-trainable-model.js";
export type {
  NamedValues,
  NetworkPart,
  PatchEncoder,
  PlainNetwork,
  ResidualBranch,
} from "./model/model-family.js";
export { clipFeeds } from "./text/clip-feeds.js";
export { clipImageFeatures } from "./text/clip-image-tower.js";
export { type ClipSizes, clipShapes, clipTowers } from "./text/clip-shapes.js";
export { clipTextFeatures } from "./text/clip-text-tower.js";
export { cropForPrompt } from "./text/mask-crops.js";
export { embedPhrases } from "./text/prompt/clip-prompt.js";
export { CLIP_SHA256, PROJECTION_KEYS } from "./text/prompt/text-projection.js";
