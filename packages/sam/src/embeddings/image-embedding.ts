import type { Precision } from "@segany/graph";
import type { Size } from "@segany/masks";
import type { FeatureShapes } from "../model/model-io.js";

/** Which weights made something, and in which arithmetic. */
export interface ModelIdentity {
  readonly name: string;
  /** SHA-256 of the checkpoint, lower-case hex. */
  readonly checkpointSha256: string;
  /**
   * Arithmetic of the image encoder; fp32 where left out. Embeddings of either serve the same (fp32) decoder, but masks
   * differ a little: what compares or keeps embeddings has to tell them apart.
   */
  readonly precision?: Precision;
}

/** Values with their shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What the image encoder says of an image: computed once, then asked with any number of prompts. */
export interface ImageEmbedding {
  readonly model: ModelIdentity;
  /** The original image, pixels. */
  readonly imageSize: Size;
  /** The image in the model's frame: its longer side at the input's, before padding. */
  readonly inputSize: Size;
  /**
   * Feature maps 1 x channels x height x width by the names that the encoder gives them, the one with the meaning of
   * the image first. Every SAM has one, `image_embeddings`, 1x256x64x64 for every published model.
   */
  readonly features: Readonly<Record<string, Tensor>>;
}

/** The shapes of an embedding's feature maps. */
export function featureShapes({ features }: Pick<ImageEmbedding, "features">): FeatureShapes {
  return Object.fromEntries(Object.entries(features).map(([name, { shape }]) => [name, shape]));
}

/** Why feature maps make no embedding: see {@link shapeFault}, or a value that is not finite. */
export function featureFault(features: ImageEmbedding["features"]): string | undefined {
  const fault = shapeFault(featureShapes({ features }));
  if (fault) return fault;
  const broken = Object.entries(features).find(([, { data }]) => !data.every(Number.isFinite));
  return broken && `"${broken[0]}" holds values that are not finite`;
}

/** Why maps of these shapes make no embedding: there is none, or a shape that no map has. */
export function shapeFault(shapes: FeatureShapes): string | undefined {
  const entries = Object.entries(shapes);
  if (entries.length === 0) return "it holds no feature map";
  const isMap = (shape: readonly number[]) =>
    shape.length === 4 && shape[0] === 1 && shape.every((side) => Number.isSafeInteger(side) && side > 0);
  const odd = entries.find(([, shape]) => !isMap(shape));
  return odd && `the shape of "${odd[0]}" is [${odd[1].join(", ")}], not [1, channels, height, width]`;
}
