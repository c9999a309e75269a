/** For tests: image encoders of both kinds, small enough for differences by each weight. */
import { randomWeights } from "../../../graph/src/testing/random-weights.js";
import type { Architecture } from "../families/sam/architecture.js";
import { samFamily } from "../families/sam/sam-family.js";
import { vitWeightShapes } from "../families/sam/weight-shapes.js";
import { randomTinyVit } from "./tiny-vit-weights.js";

const VIT = {
  kind: "vit",
  imageSize: 40,
  patchSize: 8,
  embedDim: 12,
  depth: 2,
  numHeads: 2,
  mlpDim: 24,
  windowSize: 3, // of a grid of 5: windows reach beyond it
  globalAttnIndexes: [1],
  useRelPos: true,
  outChannels: 8,
} as const;
const TINY_VIT = {
  kind: "tiny_vit",
  imageSize: 64,
  embedDims: [8, 8, 12, 12],
  depths: [1, 1, 1, 1],
  numHeads: [1, 2, 2, 3],
  windowSizes: [3, 3, 3, 3],
  outChannels: 8,
} as const;

const small = (encoder: Architecture["encoder"]) =>
  samFamily.network!({ encoder, decoder: { transformerDim: 8 } as Architecture["decoder"] });

/** Networks with an embedding of 8 x side x side, and their encoder's weights. */
export const smallNetworks = [
  {
    name: "ViT",
    network: small(VIT),
    weights: randomWeights(vitWeightShapes(VIT), 3),
    imageSide: 40,
    side: 5,
  },
  { name: "TinyViT", network: small(TINY_VIT), weights: randomTinyVit(TINY_VIT, 3), imageSide: 64, side: 4 },
];
