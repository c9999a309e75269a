import type { RgbaImage } from "@segany/masks";
import { type ImageEmbedding, type Sam, SamPredictor } from "@segany/sam";
import { readSampleFile, readSampleImage } from "../data/read-sample-image.js";
import type { Sample } from "../data/samples.js";
import type { ProtocolContext } from "./protocol.js";

/** An image as a protocol needs it. */
export interface EncodedSample {
  readonly predictor: SamPredictor;
  readonly embedding: ImageEmbedding;
  readonly image: RgbaImage;
}

/** Reads an image and brings it before the model: by its kept embedding, or by encoding it. */
export async function encodeSample(
  { embeddings, signal }: Pick<ProtocolContext<unknown>, "embeddings" | "signal">,
  sam: Sam,
  { image: source }: Sample,
): Promise<EncodedSample> {
  const file = await readSampleFile(source);
  const image = await readSampleImage(source, file);
  const predictor = new SamPredictor(sam);
  const embedding = await embeddings.get(file, sam.model, async () => {
    await predictor.setImage(image, signal ? { signal } : {});
    return predictor.getImageEmbedding();
  });
  if (!predictor.isImageSet) predictor.setImageEmbedding(embedding);
  return { predictor, embedding, image };
}
