/** Feature vectors of CLIP. */

/** The same direction with length 1; a vector of zeros stays as it is. */
export function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector.slice();
}

/** The direction of the mean of vectors of the same size, with length 1. */
export function meanDirection(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    vector.forEach((value, i) => {
      sum[i]! += value;
    });
  return normalised(sum);
}
