/**
 * Image embeddings on disk. A `.safetensors` file has each feature map under its name and everything else in
 * its metadata. A `.npy` file is a plain array with a `.npy.json` beside it: a single feature map in its own
 * shape, or several concatenated.
 */

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
import type { FeatureShapes } from "../model/model-io.js";
import {
  featureFault,
  featureShapes,
  type ImageEmbedding,
  shapeFault,
  type Tensor,
} from "./image-embedding.js";
import { joinFeatures, splitFeatures, valueCount } from "./join-features.js";

/**
 * Name of the feature map in `.npy` files of earlier versions, which only supported SAM and whose `.npy.json`
 * names none.
 */
const EARLIER_FEATURE = "image_embeddings";

/** The metadata of an array, as text. */
interface EmbeddingMetadata {
  readonly model: string;
  readonly checkpoint_sha256: string;
  /** Missing in files of versions that only supported fp32. */
  readonly precision: string;
  readonly image_width: string;
  readonly image_height: string;
  readonly input_width: string;
  readonly input_height: string;
  /** Missing where the image's file is unknown. */
  readonly image_sha256?: string;
}

/**
 * Encodes an embedding as a `.safetensors` file, with its origin in the metadata.
 *
 * @example
 * const file = encodeEmbedding(predictor.getImageEmbedding()); // a .safetensors file
 * console.log((await decodeEmbedding(file, "pear")).imageSize); // { width: 1200, height: 800 }
 */
export function encodeEmbedding(embedding: ImageEmbedding): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(embedding.features, { ...metadataOf(embedding) });
}

/**
 * Encodes an embedding as a `.npy` file, and the text of its `.npy.json`.
 *
 * @example
 * const { npy } = encodeEmbeddingNpy(predictor.getImageEmbedding());
 * console.log(readNpy(npy).shape); // [ 1, 256, 64, 64 ]
 */
export function encodeEmbeddingNpy(embedding: ImageEmbedding): {
  readonly npy: Uint8Array<ArrayBuffer>;
  readonly json: string;
} {
  const features = featureShapes(embedding);
  const data = joinFeatures(embedding.features);
  const [only, ...others] = Object.values(features);
  const shape = only && others.length === 0 ? only : [data.length];
  const json = JSON.stringify({ ...metadataOf(embedding), features }, null, 2);
  return { npy: writeNpy({ shape, data }), json: `${json}\n` };
}

/**
 * Decodes a file of {@link encodeEmbedding}.
 *
 * @param name file name for messages
 * @throws SamError `embedding-invalid`
 *
 * @example
 * const embedding = await decodeEmbedding(encodeEmbedding(predictor.getImageEmbedding()), "pear");
 * predictor.setImageEmbedding(embedding);
 */
export async function decodeEmbedding(bytes: Uint8Array, name: string): Promise<ImageEmbedding> {
  try {
    const source = memoryByteSource(bytes);
    const { tensors, metadata } = await readSafetensorsIndex(source);
    const stored = [...tensors].sort(([, a], [, b]) => a.fileOffset - b.fileOffset);
    checkShapes(Object.fromEntries(stored.map(([key, { shape }]) => [key, shape])));
    const loaded = stored.map(async ([key, tensor]): Promise<[string, Tensor]> => {
      const data = await loadStoredTensor(source, tensor, key);
      return [key, { shape: tensor.shape, data }];
    });
    return assemble(Object.fromEntries(await Promise.all(loaded)), metadata);
  } catch (error) {
    throw invalid(name, error);
  }
}

/**
 * Decodes a file of {@link encodeEmbeddingNpy}.
 *
 * @param name file name for messages
 * @throws SamError `embedding-invalid`
 *
 * @example
 * const { npy, json } = encodeEmbeddingNpy(predictor.getImageEmbedding());
 * console.log(decodeEmbeddingNpy(npy, json, "pear").imageSize); // { width: 1200, height: 800 }
 */
export function decodeEmbeddingNpy(npy: Uint8Array, json: string, name: string): ImageEmbedding {
  try {
    const { data, shape } = readNpy(npy, name);
    if (!(data instanceof Float32Array)) throw new SamError("embedding-invalid", "its values are not floats");
    const metadata = JSON.parse(json) as Record<string, unknown>;
    const shapes = (metadata.features ?? { [EARLIER_FEATURE]: shape }) as FeatureShapes;
    checkShapes(shapes);
    if (valueCount(shapes) !== data.length)
      throw new SamError(
        "embedding-invalid",
        `its features have ${valueCount(shapes)} values, but the array has ${data.length}`,
      );
    return assemble(splitFeatures(data, shapes), metadata);
  } catch (error) {
    throw invalid(name, error);
  }
}

function metadataOf({ model, imageSize, inputSize, imageSha256 }: ImageEmbedding): EmbeddingMetadata {
  return {
    model: model.name,
    checkpoint_sha256: model.checkpointSha256,
    precision: model.precision ?? "fp32",
    image_width: String(imageSize.width),
    image_height: String(imageSize.height),
    input_width: String(inputSize.width),
    input_height: String(inputSize.height),
    ...(imageSha256 && { image_sha256: imageSha256 }),
  };
}

/** @param shapes from a file, unvalidated */
function checkShapes(shapes: FeatureShapes): void {
  const areShapes = typeof shapes === "object" && Object.values(shapes).every(Array.isArray);
  const fault = areShapes ? shapeFault(shapes) : "its features are not shapes by name";
  if (fault) throw new SamError("embedding-invalid", fault);
}

function assemble(
  features: ImageEmbedding["features"],
  metadata: Readonly<Record<string, unknown>>,
): ImageEmbedding {
  const fault = featureFault(features);
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
    ...(metadata.image_sha256 !== undefined && { imageSha256: text("image_sha256") }),
    features,
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
    `${name} cannot be used as an image embedding: ${reason}. Create it again with \`segany embed\`.`,
    { cause: error },
  );
}
