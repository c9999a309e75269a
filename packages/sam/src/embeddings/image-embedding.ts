import type { Precision } from "@segany/graph";
import type { Size } from "@segany/masks";
import type { FeatureShapes } from "../model/model-io.js";

/** Identifies the weights and precision that computed something. */
export interface ModelIdentity {
  readonly name: string;
  /** SHA-256 of the checkpoint, lower-case hex; with other preprocessing than SAM's, of both. */
  readonly checkpointSha256: string;
  /**
   * Precision of the image encoder; fp32 if missing. The same (fp32) decoder accepts embeddings of either,
   * but masks differ slightly: caches and comparisons must distinguish them.
   */
  readonly precision?: Precision;
}

/** Values with their shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The output of the image encoder for one image, used for any number of prompts. */
export interface ImageEmbedding {
  readonly model: ModelIdentity;
  /** Size of the original image, pixels. */
  readonly imageSize: Size;
  /**
   * Identifies the image's file, for those who save embeddings: SHA-256, lower-case hex. The library does not
   * set it.
   */
  readonly imageSha256?: string;
  /** Size of the image in the model's frame, before padding: its longer side is the input's. */
  readonly inputSize: Size;
  /**
   * Feature maps 1 x channels x height x width by the encoder's output names, the semantic one first. Every
   * SAM has one, `image_embeddings`, 1x256x64x64 for the published models.
   */
  readonly features: Readonly<Record<string, Tensor>>;
}

/** The shapes of an embedding's feature maps. */
export function featureShapes({ features }: Pick<ImageEmbedding, "features">): FeatureShapes {
  return Object.fromEntries(Object.entries(features).map(([name, { shape }]) => [name, shape]));
}

/** Describes what is wrong with feature maps: see {@link shapeFault}, or a value that is not finite. */
export function featureFault(features: ImageEmbedding["features"]): string | undefined {
  const fault = shapeFault(featureShapes({ features }));
  if (fault) return fault;
  const broken = Object.entries(features).find(([, { data }]) => !areFinite(data));
  return broken && `"${broken[0]}" has values that are not finite`;
}

/**
 * Zero times a value that is not finite is NaN, and stays in the sum: one pass without a branch or a call.
 */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}

/** Describes what is wrong with shapes of feature maps: there are none, or one is invalid. */
export function shapeFault(shapes: FeatureShapes): string | undefined {
  const entries = Object.entries(shapes);
  if (entries.length === 0) return "it has no feature map";
  const isMap = (shape: readonly number[]) =>
    shape.length === 4 && shape[0] === 1 && shape.every((side) => Number.isSafeInteger(side) && side > 0);
  const odd = entries.find(([, shape]) => !isMap(shape));
  return odd && `the shape of "${odd[0]}" is [${odd[1].join(", ")}], not [1, channels, height, width]`;
}
