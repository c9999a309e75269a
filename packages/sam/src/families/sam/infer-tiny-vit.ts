import { invalidCheckpoint, type ShapeReader, unsupportedCheckpoint } from "@segany/graph/weights";
import type { TinyVitArchitecture } from "./architecture.js";
import { neckChannels } from "./infer-vit.js";

/** Key of the first convolution, which identifies a TinyViT encoder. */
export const tinyVitMarker = "image_encoder.patch_embed.seq.0.c.weight";

const stageCount = 4;

/**
 * Infers the parameters of MobileSAM's TinyViT encoder. The window size follows from the attention biases:
 * there is one for each pair of distances (|dy|, |dx|), so their number is the window's side squared. The
 * image size can't be inferred from the shapes: it is 1024, as in MobileSAM.
 */
export function inferTinyVit(shapes: ShapeReader): TinyVitArchitecture {
  const [stemDim] = shapes.shape(tinyVitMarker, [null, 3, 3, 3]);
  const [firstDim] = shapes.shape("image_encoder.patch_embed.seq.2.c.weight", [null, stemDim, 3, 3]);
  const found = shapes.count("image_encoder.layers.");
  if (found !== stageCount) {
    throw unsupportedCheckpoint(
      `The TinyViT encoder has ${found} stages ("image_encoder.layers.N"); four are read.`,
    );
  }
  const embedDims = [firstDim];
  for (let stage = 0; stage < stageCount - 1; stage++) {
    const key = `image_encoder.layers.${stage}.downsample.conv1.c.weight`;
    embedDims.push(shapes.shape(key, [null, embedDims[stage]!, 1, 1])[0]);
  }
  const depths = embedDims.map((_, stage) => blockCount(shapes, stage));
  const attention = embedDims.map((dim, stage) => stageAttention(shapes, stage, depths[stage]!, dim));
  return {
    kind: "tiny_vit",
    imageSize: 1024,
    embedDims,
    depths,
    numHeads: attention.map(({ numHeads }) => numHeads),
    windowSizes: attention.map(({ windowSize }) => windowSize),
    outChannels: neckChannels(shapes, embedDims.at(-1)!),
  };
}

function blockCount(shapes: ShapeReader, stage: number): number {
  const count = shapes.count(`image_encoder.layers.${stage}.blocks.`);
  if (count === 0) throw invalidCheckpoint(`The checkpoint has no "image_encoder.layers.${stage}.blocks.0".`);
  return count;
}

/**
 * Heads and window side of a stage, equal in all its blocks; 0 and 0 in the first, which is made of
 * convolutions.
 */
function stageAttention(shapes: ShapeReader, stage: number, depth: number, dim: number) {
  if (stage === 0) {
    for (let block = 0; block < depth; block++) {
      shapes.shape(`image_encoder.layers.0.blocks.${block}.conv1.c.weight`, [null, dim, 1, 1]);
    }
    return { numHeads: 0, windowSize: 0 };
  }
  const biasesKey = (block: number) => `image_encoder.layers.${stage}.blocks.${block}.attn.attention_biases`;
  const [numHeads, offsets] = shapes.shape(biasesKey(0), [null, null]);
  const windowSize = Math.sqrt(offsets);
  if (!Number.isInteger(windowSize) || dim % numHeads !== 0) {
    throw invalidCheckpoint(
      `"${biasesKey(0)}" has shape [${numHeads}, ${offsets}]; a divisor of ${dim} and a square number would fit.`,
    );
  }
  for (let block = 0; block < depth; block++) {
    shapes.shape(biasesKey(block), [numHeads, offsets]);
    shapes.shape(`image_encoder.layers.${stage}.blocks.${block}.attn.qkv.weight`, [3 * dim, dim]);
  }
  return { numHeads, windowSize };
}
