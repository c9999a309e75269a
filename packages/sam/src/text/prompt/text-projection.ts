/** From CLIP's features to a prompt token of SAM: one linear layer (SAM's paper, appendix D.5). */
import { invalidCheckpoint } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import type { Tensor } from "../../embeddings/image-embedding.js";

/** Names of its two tensors in a file: [token, feature] and [token]. */
export const PROJECTION_KEYS = { weight: "text_projection.weight", bias: "text_projection.bias" } as const;

/** Name of the text in a file's metadata that says which CLIP it is for. */
export const CLIP_SHA256 = "clip_sha256";

/** A trained projection. */
export interface TextProjection {
  /** Values of a feature vector of the CLIP that it was trained with. */
  readonly featureSize: number;
  /** Values of a prompt token. */
  readonly tokenWidth: number;
  /** SHA-256 of that CLIP's checkpoint; undefined if the file does not say. */
  readonly clipSha256?: string;
  /** SHA-256 of the projection's own file. */
  readonly sha256: string;
  /** File of it, for messages. */
  readonly source: string;
  /** The token of a feature vector, 1 x `tokenWidth`. */
  project(features: Float32Array): Tensor;
}

/** What a projection is made of. */
export interface ProjectionParts extends Pick<TextProjection, "clipSha256" | "sha256" | "source"> {
  /** `tokenWidth` x `featureSize`, row-major. */
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** @throws SamError `checkpoint-invalid` for shapes that don't fit, and values that aren't finite */
export function createTextProjection({ weight, bias, ...rest }: ProjectionParts): TextProjection {
  const [tokenWidth = 0, featureSize = 0] = weight.shape;
  if (weight.shape.length !== 2 || bias.shape.length !== 1 || bias.shape[0] !== tokenWidth)
    throw invalidCheckpoint(
      `${rest.source}: "${PROJECTION_KEYS.weight}" has the shape [${weight.shape}] and "${PROJECTION_KEYS.bias}" [${bias.shape}]; [C, D] and [C] would fit.`,
    );
  if (![weight, bias].every(({ data }) => data.every(Number.isFinite)))
    throw invalidCheckpoint(`${rest.source} has values that are no finite numbers.`);
  return {
    ...rest,
    featureSize,
    tokenWidth,
    project: (features) => ({
      shape: [1, tokenWidth],
      data: bias.data.map((value, row) => value + dot(weight.data, row * featureSize, features)),
    }),
  };
}

function dot(matrix: Float32Array, start: number, vector: Float32Array): number {
  return vector.reduce((sum, value, i) => sum + value * matrix[start + i]!, 0);
}

/**
 * Checks that a projection is for a CLIP and a SAM.
 *
 * @throws SamError `embedding-mismatch`
 */
export function checkProjection(
  { source, featureSize, tokenWidth, clipSha256 }: TextProjection,
  clip: { readonly featureSize: number; readonly checkpointSha256: string },
  model: { readonly tokenWidth: number },
): void {
  const mismatch = (what: string) => new SamError("embedding-mismatch", `${source} ${what}`);
  if (featureSize !== clip.featureSize)
    throw mismatch(
      `is for CLIP features of ${featureSize} values, and the given CLIP has ${clip.featureSize}. Give the CLIP that it was trained with.`,
    );
  if (clipSha256 !== undefined && clipSha256 !== clip.checkpointSha256)
    throw mismatch(
      `was trained with another CLIP (SHA-256 ${clipSha256.slice(0, 12)}…, not ${clip.checkpointSha256.slice(0, 12)}…). Give that one.`,
    );
  if (tokenWidth !== model.tokenWidth)
    throw mismatch(
      `makes tokens of ${tokenWidth} values, and the model has ${model.tokenWidth}. Give the model that it was trained with.`,
    );
}
