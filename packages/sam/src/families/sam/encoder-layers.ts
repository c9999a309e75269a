/** Image encoders as layers: the patch embedding, the blocks, and the rest. */
import type { Architecture } from "./architecture.js";

/** Blocks of an encoder. */
export function encoderDepth(encoder: Architecture["encoder"]): number {
  return encoder.kind === "vit" ? encoder.depth : blocksBefore(encoder.depths.length, encoder.depths);
}

/**
 * The layer of a weight, from the input on: 0 for the patch embedding, n for the n-th block, depth + 1 for
 * all others, as in ViTDet. What TinyViT has between two stages belongs to the block before it, as in its
 * authors' code.
 */
export function layerOf(key: string, encoder: Architecture["encoder"]): number {
  if (/^image_encoder\.(patch_embed\.|pos_embed$)/.test(key)) return 0;
  return blockOf(key, encoder) ?? encoderDepth(encoder) + 1;
}

/** Counted from 1. */
function blockOf(key: string, encoder: Architecture["encoder"]): number | undefined {
  if (encoder.kind === "vit") {
    const block = /^image_encoder\.blocks\.(\d+)\./.exec(key)?.[1];
    return block === undefined ? undefined : Number(block) + 1;
  }
  const [, stage, block] = /^image_encoder\.layers\.(\d+)\.(?:blocks\.(\d+)|downsample)\./.exec(key) ?? [];
  if (stage === undefined) return undefined;
  const [first, depth] = [blocksBefore(Number(stage), encoder.depths), encoder.depths[Number(stage)]!];
  return first + (block === undefined ? depth : Number(block) + 1);
}

function blocksBefore(stage: number, depths: readonly number[]): number {
  return depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0);
}
