import { type Mask, SamError } from "@segany/masks";
import type { ImageEmbedding, Tensor } from "./image-embedding.js";

/**
 * Computes one vector for a mask: the mean of the embedding's first feature map over the cells that the mask
 * covers, weighted by the covered share, with length one. Similar objects have similar vectors (paper,
 * appendix D.6).
 *
 * @param mask at the original image's size
 * @returns one value per channel of the map; all zero for an empty mask
 * @throws SamError `mask-invalid` if the mask does not have the image's size
 *
 * @example
 * const { masks } = await predictor.predict({ pointCoords: [[610, 430]], pointLabels: [1] });
 * const vector = poolEmbedding(predictor.getImageEmbedding(), masks[0]!);
 * console.log(vector.length); // 256
 */
export function poolEmbedding(embedding: ImageEmbedding, mask: Mask): Float32Array {
  const { imageSize, features } = embedding;
  if (mask.width !== imageSize.width || mask.height !== imageSize.height) {
    throw new SamError(
      "mask-invalid",
      `The mask is ${mask.width} x ${mask.height} pixels, but the embedding's image is ${imageSize.width} x ${imageSize.height}.`,
    );
  }
  const { shape, data } = Object.values(features)[0]!;
  const weights = cellWeights(embedding, shape, mask);
  const [, channels = 0, height = 0, width = 0] = shape;
  const cells = height * width;
  const pooled = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let total = 0;
    for (let cell = 0; cell < cells; cell++) total += weights[cell]! * data[channel * cells + cell]!;
    pooled[channel] = total;
  }
  const length = Math.hypot(...pooled);
  return length > 0 ? pooled.map((value) => value / length) : pooled;
}

/** Pixels of the mask in each cell of a feature map. */
function cellWeights(
  { imageSize, inputSize }: ImageEmbedding,
  shape: Tensor["shape"],
  mask: Mask,
): Float64Array {
  const [, , height = 0, width = 0] = shape;
  const cellExtent = Math.max(inputSize.width, inputSize.height) / width; // the input is square
  const columns = cellOfPixel(imageSize.width, inputSize.width, cellExtent);
  const rows = cellOfPixel(imageSize.height, inputSize.height, cellExtent);
  const weights = new Float64Array(height * width);
  for (let y = 0; y < mask.height; y++) {
    const row = rows[y]! * width;
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[y * mask.width + x]) weights[row + columns[x]!]! += 1;
    }
  }
  return weights;
}

/** For each pixel of one axis, the cell that contains its centre. */
function cellOfPixel(imageExtent: number, inputExtent: number, cellExtent: number): Int32Array {
  return Int32Array.from({ length: imageExtent }, (_, pixel) =>
    Math.floor(((pixel + 0.5) * inputExtent) / imageExtent / cellExtent),
  );
}

/**
 * Similarity of two pooled vectors: their cosine, -1 to 1.
 *
 * @example
 * console.log(cosineSimilarity(Float32Array.of(1, 0), Float32Array.of(0, 2))); // 0
 */
export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  const lengths = Math.hypot(...a) * Math.hypot(...b);
  return lengths > 0 ? dot / lengths : 0;
}
