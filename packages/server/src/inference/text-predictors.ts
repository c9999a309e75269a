/**
 * Predictors for prompts with text: these need the image's pixels, and an engine that finds objects by words.
 */
import type { RgbaImage } from "@segany/masks";
import { loadImageEmbedding, type Sam, SamPredictor } from "@segany/sam";
import { openTextGrounder, type TextGrounder } from "@segany/sam/text";
import { ServerError } from "../errors.js";
import type { ImageFile } from "./messages.js";

/** What a predictor is of. */
export interface TextImage {
  readonly imageId: string;
  readonly embeddingPath: string;
  readonly pixels: ImageFile;
}

/** Predictors of the images that words were asked about. */
export interface TextPredictors {
  /** The last image's predictor is kept: of more, the pixels would take too much memory. */
  of(sam: Sam, image: TextImage, signal: AbortSignal): Promise<SamPredictor>;
}

/** The parts that tests replace. */
export interface TextPredictorsOptions {
  readonly read: (file: ImageFile, signal: AbortSignal) => Promise<RgbaImage>;
  readonly openGrounder?: () => Promise<TextGrounder>;
}

export function createTextPredictors({
  read,
  openGrounder = () => openTextGrounder(),
}: TextPredictorsOptions): TextPredictors {
  let opening: Promise<TextGrounder> | undefined;
  let last: { readonly imageId: string; readonly predictor: SamPredictor } | undefined;

  function grounder(): Promise<TextGrounder> {
    opening ??= openGrounder().catch((cause: unknown) => {
      opening = undefined;
      throw new ServerError(
        "text-unavailable",
        "The server's engine for words could not be opened; see the server's log.",
        { cause },
      );
    });
    return opening;
  }

  return {
    async of(sam, { imageId, embeddingPath, pixels }, signal) {
      if (last?.imageId === imageId) return last.predictor;
      last = undefined;
      const predictor = new SamPredictor(sam, { grounder: await grounder() });
      const [embedding, image] = await Promise.all([loadImageEmbedding(embeddingPath), read(pixels, signal)]);
      predictor.setImageEmbedding(embedding, image);
      last = { imageId, predictor };
      return predictor;
    },
  };
}
