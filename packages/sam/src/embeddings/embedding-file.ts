/** Image embeddings on disk: `.safetensors` tells all about itself, `.npy` is the bare array with a `.npy.json` beside it. */

import type { Precision } from "@segany/graph";
import {
  encodeSafetensors,
  loadStoredTensor,
  memoryByteSource,
  readNpy,
  readSafetensorsIndex,
  writeNpy,
} from "@segany/graph/weights";
import { SamError, type Size } from "@segany/masks";
import { embeddingFault } from "./embedding-values.js";
import type { ImageEmbedding } from "./image-embedding.js";

const TENSOR = "image_embeddings";

/** What goes with the array, as text. */
interface EmbeddingMetadata {
  readonly model: string;
  readonly checkpoint_sha256: string;
  /** Left out in files of versions that knew fp32 only. */
  readonly precision: string;
  readonly image_width: string;
  readonly image_height: string;
  readonly input_width: string;
  readonly input_height: string;
}

/** The bytes of a `.safetensors` file with the embedding and, in its metadata, where it comes from. */
export function encodeEmbedding(embedding: ImageEmbedding): Uint8Array<ArrayBuffer> {
  return encodeSafetensors({ [TENSOR]: embedding }, { ...metadataOf(embedding) });
}

/** The bytes of a `.npy` file, and the text of the `.npy.json` that goes beside it. */
export function encodeEmbeddingNpy(embedding: ImageEmbedding): {
  readonly npy: Uint8Array<ArrayBuffer>;
  readonly json: string;
} {
  return { npy: writeNpy(embedding), json: `${JSON.stringify(metadataOf(embedding), null, 2)}\n` };
}

/**
 * Reads what {@link encodeEmbedding} wrote.
 *
 * @param name file name for messages
 * @throws SamError `embedding-invalid`
 */
export async function decodeEmbedding(bytes: Uint8Array, name: string): Promise<ImageEmbedding> {
  try {
    const source = memoryByteSource(bytes);
    const { tensors, metadata } = await readSafetensorsIndex(source);
    const tensor = tensors.get(TENSOR);
    if (!tensor) throw new SamError("embedding-invalid", `it holds no tensor "${TENSOR}"`);
    return assemble(await loadStoredTensor(source, tensor, TENSOR), tensor.shape, metadata);
  } catch (error) {
    throw invalid(name, error);
  }
}

/**
 * Reads what {@link encodeEmbeddingNpy} wrote.
 *
 * @param name file name for messages
 * @throws SamError `embedding-invalid`
 */
export function decodeEmbeddingNpy(npy: Uint8Array, json: string, name: string): ImageEmbedding {
  try {
    const { data, shape } = readNpy(npy, name);
    if (!(data instanceof Float32Array)) throw new SamError("embedding-invalid", "its values are not floats");
    return assemble(data, shape, JSON.parse(json) as Record<string, unknown>);
  } catch (error) {
    throw invalid(name, error);
  }
}

function metadataOf({ model, imageSize, inputSize }: ImageEmbedding): EmbeddingMetadata {
  return {
    model: model.name,
    checkpoint_sha256: model.checkpointSha256,
    precision: model.precision ?? "fp32",
    image_width: String(imageSize.width),
    image_height: String(imageSize.height),
    input_width: String(inputSize.width),
    input_height: String(inputSize.height),
  };
}

function assemble(
  data: Float32Array,
  shape: readonly number[],
  metadata: Readonly<Record<string, unknown>>,
): ImageEmbedding {
  const fault = embeddingFault(shape, data);
  if (fault) throw new SamError("embedding-invalid", fault);
  const text = (key: keyof EmbeddingMetadata): string => {
    const value = metadata[key];
    if (typeof value !== "string") throw new SamError("embedding-invalid", `its metadata lack "${key}"`);
    return value;
  };
  const size = (width: keyof EmbeddingMetadata, height: keyof EmbeddingMetadata): Size => {
    const found = { width: Number(text(width)), height: Number(text(height)) };
    if (![found.width, found.height].every((side) => Number.isSafeInteger(side) && side > 0)) {
      throw new SamError(
        "embedding-invalid",
        `its ${width} and ${height} are ${text(width)} and ${text(height)}`,
      );
    }
    return found;
  };
  return {
    model: {
      name: text("model"),
      checkpointSha256: text("checkpoint_sha256"),
      precision: checkPrecision(metadata.precision ?? "fp32"),
    },
    imageSize: size("image_width", "image_height"),
    inputSize: size("input_width", "input_height"),
    shape,
    data,
  };
}

function checkPrecision(value: unknown): Precision {
  if (value === "fp32" || value === "int8") return value;
  throw new SamError("embedding-invalid", `its precision is ${String(value)}, not fp32 or int8`);
}

function invalid(name: string, error: unknown): SamError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SamError(
    "embedding-invalid",
    `${name} cannot be used as an image embedding: ${reason}. Make it again with \`segany embed\`.`,
    { cause: error },
  );
}
