/** For tests: a whole SAM with a ViT encoder of any size and seeded random weights. */

import type { TensorInMemory } from "../../../graph/src/testing/write-torch-zip.js";
import type { DecoderArchitecture, VitArchitecture } from "../families/sam/architecture.js";
import { decoderWeightShapes, vitWeightShapes } from "../families/sam/weight-shapes.js";

/** The prompt encoder and mask decoder of every published SAM. */
export const publishedDecoder: DecoderArchitecture = {
  transformerDim: 256,
  depth: 2,
  numHeads: 8,
  attentionDim: 128,
  mlpDim: 2048,
  numMaskTokens: 4,
  maskInChannels: 16,
};

/** ViT-H's encoder; with the decoder about 2.5 GB of float32. */
export const vitHuge: VitArchitecture = {
  kind: "vit",
  imageSize: 1024,
  patchSize: 16,
  embedDim: 1280,
  depth: 32,
  numHeads: 16,
  mlpDim: 5120,
  windowSize: 14,
  globalAttnIndexes: [7, 15, 23, 31],
  useRelPos: true,
  outChannels: 256,
};

/** Every tensor of a checkpoint, to be written by `writeTorchZip`; each is drawn when it is written. */
export function randomCheckpoint(
  encoder: VitArchitecture,
  decoder: DecoderArchitecture = publishedDecoder,
  seed = 1,
): TensorInMemory[] {
  const shapes = { ...vitWeightShapes(encoder), ...decoderWeightShapes({ decoder }) };
  return Object.entries(shapes).map(([key, shape], index) => ({
    key,
    shape,
    values: () => drawValues(key, shape, seed * 100_003 + index),
  }));
}

/** Uniform values that keep activations near one; normalisation weights around one. */
function drawValues(key: string, shape: readonly number[], seed: number): Float32Array {
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  const mean = shape.length === 1 && key.endsWith(".weight") ? 1 : 0;
  const half = shape.length === 1 ? 0.1 : Math.sqrt(3 / fanIn);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let state = (Math.imul(seed, 2_654_435_761) >>> 0) | 1;
  for (let i = 0; i < values.length; i++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = mean + half * ((state | 0) / 2 ** 31);
  }
  return values;
}
