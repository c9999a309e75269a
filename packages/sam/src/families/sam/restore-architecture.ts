import { createShapeReader, invalidCheckpoint } from "@segany/graph/weights";
import type { Tensors } from "../../model/model-family.js";
import type { Architecture } from "./architecture.js";
import { inferDecoder } from "./infer-architecture.js";

/**
 * Takes up an architecture that a file with the decoder alone carries: the encoder's numbers say what an embedding looks
 * like, the decoder's have to be those of the tensors.
 *
 * @throws SamError `checkpoint-invalid`
 */
export function restoreArchitecture(stored: unknown, tensors: Tensors): Architecture {
  const { encoder, decoder } = (stored ?? {}) as Partial<Architecture>;
  if (!(encoder && encoder.imageSize > 0 && encoder.outChannels > 0 && decoder))
    throw invalidCheckpoint("The architecture in its metadata is not whole.");
  const found = inferDecoder(createShapeReader(tensors), encoder.outChannels);
  const differs = Object.entries(found).find(([key, value]) => decoder[key as keyof typeof found] !== value);
  if (differs) throw invalidCheckpoint(`Its tensors have ${differs[0]} ${differs[1]}, unlike its metadata.`);
  return { encoder, decoder };
}
