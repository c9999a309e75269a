/** Image embeddings for a network: raw values, with the metadata sent separately. */
import { toFloat16Bits, toFloat32 } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import type { FeatureShapes } from "../model/model-io.js";
import { featureFault, featureShapes, type ImageEmbedding } from "./image-embedding.js";
import { joinFeatures, splitFeatures, valueCount } from "./join-features.js";

/** Type of the sent values: float16 has half the size, and changes masks by a few pixels at most. */
export type EmbeddingDtype = "float32" | "float16";

/** Everything in an embedding except its values, and how these are encoded. Plain data. */
export interface EmbeddingDescription extends Omit<ImageEmbedding, "features"> {
  /** In the order of the values. */
  readonly features: FeatureShapes;
  readonly dtype: EmbeddingDtype;
}

/**
 * Returns the metadata for the bytes of {@link encodeEmbeddingValues}.
 *
 * @example
 * const { features } = describeEmbedding(predictor.getImageEmbedding(), "float16");
 * console.log(features); // { image_embeddings: [ 1, 256, 64, 64 ] }
 */
export function describeEmbedding(embedding: ImageEmbedding, dtype: EmbeddingDtype): EmbeddingDescription {
  return { ...embedding, features: featureShapes(embedding), dtype };
}

/**
 * Encodes the values of all feature maps, one after another, as little-endian bytes, row-major.
 *
 * @example
 * const bytes = encodeEmbeddingValues(predictor.getImageEmbedding(), "float16");
 * console.log(bytes.length); // 2097152
 */
export function encodeEmbeddingValues(
  { features }: Pick<ImageEmbedding, "features">,
  dtype: EmbeddingDtype,
): Uint8Array<ArrayBufferLike> {
  const joined = joinFeatures(features);
  const values = dtype === "float16" ? toFloat16Bits(joined) : joined;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Creates an embedding from the bytes of {@link encodeEmbeddingValues} and their metadata.
 *
 * @throws SamError `embedding-invalid` if they do not match, or a value is not finite
 *
 * @example
 * const embedding = predictor.getImageEmbedding();
 * const bytes = Uint8Array.from(encodeEmbeddingValues(embedding, "float16"));
 * const decoded = decodeEmbeddingValues(bytes, describeEmbedding(embedding, "float16"));
 * console.log(decoded.imageSize); // { width: 1200, height: 800 }
 */
export function decodeEmbeddingValues(
  bytes: Uint8Array<ArrayBuffer>,
  { dtype, features: shapes, ...description }: EmbeddingDescription,
): ImageEmbedding {
  const expected = valueCount(shapes) * (dtype === "float16" ? 2 : 4);
  if (bytes.byteLength !== expected) {
    const listed = Object.entries(shapes).map(([name, shape]) => `${name} [${shape.join(", ")}]`);
    throw new SamError(
      "embedding-invalid",
      `An embedding of ${listed.join(", ")} in ${dtype} has ${expected} bytes, not ${bytes.byteLength}.`,
    );
  }
  const features = splitFeatures(toFloat32(dtype, bytes), shapes);
  const fault = featureFault(features);
  if (fault) throw new SamError("embedding-invalid", `The embedding cannot be used: ${fault}.`);
  return { ...description, features };
}
