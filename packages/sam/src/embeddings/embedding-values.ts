/** Image embeddings on the way over a network: bare values, with what they are told beside them. */
import { toFloat16Bits, toFloat32 } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import type { ImageEmbedding } from "./image-embedding.js";

/** How values are sent: half floats are half as long, and change masks by a few pixels at most. */
export type EmbeddingDtype = "float32" | "float16";

/** All of an embedding but its values, and how these are written. */
export interface EmbeddingDescription extends Omit<ImageEmbedding, "data"> {
  readonly dtype: EmbeddingDtype;
}

/** The values as little-endian bytes, row-major. */
export function encodeEmbeddingValues(
  { data }: ImageEmbedding,
  dtype: EmbeddingDtype,
): Uint8Array<ArrayBufferLike> {
  const values = dtype === "float16" ? toFloat16Bits(data) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Puts an embedding together from bytes of {@link encodeEmbeddingValues} and what is known of it.
 *
 * @throws SamError `embedding-invalid` when they do not fit each other or a value is not finite
 */
export function decodeEmbeddingValues(
  bytes: Uint8Array<ArrayBuffer>,
  { dtype, ...description }: EmbeddingDescription,
): ImageEmbedding {
  const { shape } = description;
  const expected = shape.reduce((a, b) => a * b, 1) * (dtype === "float16" ? 2 : 4);
  if (bytes.byteLength !== expected) {
    throw new SamError(
      "embedding-invalid",
      `An embedding of shape [${shape.join(", ")}] in ${dtype} is ${expected} bytes, not ${bytes.byteLength}.`,
    );
  }
  const data = toFloat32(dtype, bytes);
  const fault = embeddingFault(shape, data);
  if (fault) throw new SamError("embedding-invalid", `The embedding cannot be used: ${fault}.`);
  return { ...description, data };
}

/** Why values of a shape are no embedding: a shape that none has, or a value that is not finite. */
export function embeddingFault(shape: readonly number[], data: Float32Array): string | undefined {
  if (shape.length !== 4 || shape[0] !== 1) {
    return `its shape is [${shape.join(", ")}], not [1, channels, side, side]`;
  }
  return data.every(Number.isFinite) ? undefined : "it holds values that are not finite";
}
