import { createShapeReader, invalidCheckpoint } from "@segany/graph/weights";
import { type ImagePreprocessing, resolvePreprocessing } from "../../model/image-preprocessing.js";
import type { Tensors } from "../../model/model-family.js";
import type { Architecture } from "./architecture.js";
import { inferDecoder } from "./infer-architecture.js";

/**
 * Restores the architecture in the metadata of a decoder file. The encoder's parameters determine the shape
 * of embeddings; the decoder's must match the tensors.
 *
 * @throws SamError `checkpoint-invalid`
 */
export function restoreArchitecture(stored: unknown, tensors: Tensors): Architecture {
  const { encoder, decoder, preprocessing } = (stored ?? {}) as Partial<Architecture>;
  if (!(encoder && encoder.imageSize > 0 && encoder.outChannels > 0 && decoder))
    throw invalidCheckpoint("The architecture in its metadata is incomplete.");
  const found = inferDecoder(createShapeReader(tensors), encoder.outChannels);
  const differs = Object.entries(found).find(([key, value]) => decoder[key as keyof typeof found] !== value);
  if (differs) throw invalidCheckpoint(`Its tensors have ${differs[0]} ${differs[1]}, unlike its metadata.`);
  return { encoder, decoder, ...(preprocessing && { preprocessing: restorePreprocessing(preprocessing) }) };
}

function restorePreprocessing(stored: ImagePreprocessing): ImagePreprocessing {
  try {
    return resolvePreprocessing(stored);
  } catch (cause) {
    throw invalidCheckpoint(
      `The preprocessing in its metadata is invalid: ${(cause as Error).message}`,
      cause,
    );
  }
}
