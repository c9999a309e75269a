/** For tests: a small architecture to make up weights for. */
import type { Architecture } from "../families/sam/architecture.js";

/** A decoder that runs in milliseconds: an 8x8 embedding of 32 channels. */
export const SMALL_ARCHITECTURE: Architecture = {
  encoder: {
    kind: "vit",
    imageSize: 128,
    patchSize: 16,
    embedDim: 8,
    depth: 1,
    numHeads: 1,
    mlpDim: 8,
    windowSize: 4,
    globalAttnIndexes: [0],
    useRelPos: true,
    outChannels: 32,
  },
  decoder: {
    transformerDim: 32,
    depth: 2,
    numHeads: 4,
    attentionDim: 16,
    mlpDim: 48,
    numMaskTokens: 4,
    maskInChannels: 8,
  },
};
