import { SamError } from "@segany/masks";
import type { ImageEmbedding } from "./embeddings/image-embedding.js";
import type { ModelInfo } from "./engine/types.js";
import { modelInputSize } from "./preprocessing/prepare-image.js";

/** More than any mask has. */
const MAX_PIXELS = 2 ** 30;

/**
 * Checks that an embedding is one of an image by the open model.
 *
 * @throws SamError `embedding-mismatch` if it comes from another model, `embedding-invalid` if its feature
 *   maps or sizes are not the model's
 */
export function checkEmbedding(embedding: ImageEmbedding, ours: ModelInfo): void {
  const { model, features } = embedding;
  if (model.checkpointSha256 !== ours.checkpointSha256) {
    throw new SamError(
      "embedding-mismatch",
      `The embedding was made by ${model.name} (checkpoint ${model.checkpointSha256.slice(0, 12)}…), but the model is ${ours.name} (${ours.checkpointSha256.slice(0, 12)}…). Compute it again with this model.`,
    );
  }
  for (const [name, shape] of Object.entries(ours.features)) {
    const map = features[name];
    const count = shape.reduce((a, b) => a * b, 1);
    if (map && map.shape.join() === shape.join() && map.data.length === count) continue;
    const found = map ? `${map.data.length} values of shape [${map.shape.join(", ")}]` : "nothing";
    throw new SamError(
      "embedding-invalid",
      `The embedding has ${found} as its feature map ${name}; ${ours.name} takes ${count} of [${shape.join(", ")}].`,
    );
  }
  checkSizes(embedding, ours);
}

/**
 * Sizes may come from a file: masks of an image's size are laid out, so that one that no image has is
 * refused.
 */
function checkSizes({ imageSize, inputSize }: ImageEmbedding, ours: ModelInfo): void {
  const isImage = imageSize.width * imageSize.height <= MAX_PIXELS;
  const expected = modelInputSize(imageSize, ours);
  if (isImage && inputSize.width === expected.width && inputSize.height === expected.height) return;
  throw new SamError(
    "embedding-invalid",
    `The embedding is of an image of ${imageSize.width} x ${imageSize.height} pixels at ${inputSize.width} x ${inputSize.height} in the model's frame, which is no image of ${ours.name}. Make it again with this model.`,
  );
}
