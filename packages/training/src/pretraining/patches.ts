/** Images as patches, and what a masked autoencoder predicts of them. */
import type { Random } from "../random/random.js";

/** Which patches of an image the encoder sees. */
export interface PatchMask {
  /** Patches that are seen, in no order. */
  readonly visible: readonly number[];
  /** Of every patch 1 where it is hidden, else 0. */
  readonly hidden: Float32Array;
}

/** Hides a share of the patches, each as likely. */
export function hidePatches(random: Random, count: number, share: number): PatchMask {
  const order = Array.from({ length: count }, (_, i) => i);
  const seen = visibleCount(count, share);
  for (let i = 0; i < seen; i++) {
    const j = i + random.below(count - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const visible = order.slice(0, seen);
  const hidden = new Float32Array(count).fill(1);
  for (const patch of visible) hidden[patch] = 0;
  return { visible, hidden };
}

/** How many of `count` patches are seen when a share is hidden, to the nearest whole number. */
export function visibleCount(count: number, share: number): number {
  return count - Math.round(count * share);
}

/**
 * Cuts an image into patches.
 *
 * @param image 3xSxS, row-major
 * @param side S, a multiple of the patches' side
 * @returns N x 3·p·p: row by row of patches; channel, row and column in each
 */
export function cutPatches(image: Float32Array, side: number, patchSize: number): Float32Array {
  const perRow = side / patchSize;
  const patches = new Float32Array(image.length);
  let at = 0;
  for (let patch = 0; patch < perRow * perRow; patch++) {
    const [top, left] = [Math.floor(patch / perRow) * patchSize, (patch % perRow) * patchSize];
    for (let channel = 0; channel < 3; channel++)
      for (let row = top; row < top + patchSize; row++, at += patchSize) {
        const start = (channel * side + row) * side + left;
        patches.set(image.subarray(start, start + patchSize), at);
      }
  }
  return patches;
}

/** Added to a patch's variance, so that an even one stays finite. */
const EPSILON = 1e-6;

/**
 * Each patch less its mean, over its deviation (He et al., arXiv 2111.06377, section 3, "Reconstruction
 * target"); the variance is the unbiased one, as in the authors' code.
 *
 * @param length values of a patch
 */
export function normalizePatches(patches: Float32Array, length: number): Float32Array {
  const normalized = new Float32Array(patches.length);
  for (let start = 0; start < patches.length; start += length) {
    const patch = patches.subarray(start, start + length);
    const mean = patch.reduce((sum, value) => sum + value, 0) / length;
    const variance = patch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
    const deviation = Math.sqrt(variance + EPSILON);
    for (let i = 0; i < length; i++) normalized[start + i] = (patch[i]! - mean) / deviation;
  }
  return normalized;
}
