/** TinyViT's attention biases: one learned number a head for every distance (|dy|, |dx|) inside a window. */
import { SamError } from "@segany/masks";

/**
 * For every pair of tokens of a window the column of `attention_biases` [heads, distances] that holds its
 * bias. MobileSAM numbers the distances as they first appear when all pairs are walked row by row; the first
 * token already meets them all, so column |dy| · window + |dx| is the distance (|dy|, |dx|).
 *
 * @param window side of the window, tokens
 * @returns window² x window² indices, row-major: query, key
 */
export function attentionBiasIndices(window: number): Int32Array {
  const tokens = window * window;
  return Int32Array.from({ length: tokens * tokens }, (_, pair) => {
    const [query, key] = [Math.floor(pair / tokens), pair % tokens];
    const dy = Math.abs(Math.floor(query / window) - Math.floor(key / window));
    const dx = Math.abs((query % window) - (key % window));
    return dy * window + dx;
  });
}

/**
 * The biases of every pair of tokens, ready to be added to the scores.
 *
 * @param biases heads x window² distances, row-major
 * @returns heads x window² x window²
 */
export function expandAttentionBiases(biases: Float32Array, window: number): Float32Array {
  const distances = window * window;
  if (biases.length % distances !== 0) {
    throw new SamError(
      "checkpoint-invalid",
      `${biases.length} attention biases do not fit windows of ${window}x${window} tokens.`,
    );
  }
  const indices = attentionBiasIndices(window);
  const expanded = new Float32Array((biases.length / distances) * indices.length);
  for (let head = 0; head < biases.length / distances; head++) {
    const own = biases.subarray(head * distances, (head + 1) * distances);
    for (let i = 0; i < indices.length; i++) expanded[head * indices.length + i] = own[indices[i]!]!;
  }
  return expanded;
}
