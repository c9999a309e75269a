/**
 * Predictors for prompts with text: these need the image's pixels, and an engine that finds objects by words.
 */
import type { RgbaImage } from "@segany/masks";
import { type ImageEmbedding, type Sam, SamPredictor } from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import { ServerError } from "../errors.js";
import type { ImageFile } from "./messages.js";

/** What a predictor is of. */
export interface TextImage {
  /** Of the image and the model. */
  readonly key: string;
  readonly load: () => Promise<ImageEmbedding>;
  readonly pixels: ImageFile;
}

/** Predictors of the images that words were asked about. */
export interface TextPredictors {
  /** The last image's predictor is kept: of more, the pixels would take too much memory. */
  of(sam: Sam, image: TextImage, signal: AbortSignal): Promise<SamPredictor>;
  /** Opens the engine now, so that weights which can't be used are told at the start. @throws SamError */
  open(sam: Sam): Promise<void>;
}

/** The parts that tests replace. */
export interface TextPredictorsOptions {
  readonly read: (file: ImageFile, signal: AbortSignal) => Promise<RgbaImage>;
  readonly openGrounder: (sam: Sam) => Promise<TextGrounder>;
}

export function createTextPredictors({ read, openGrounder }: TextPredictorsOptions): TextPredictors {
  let opened: { readonly sam: Sam; readonly grounder: Promise<TextGrounder> } | undefined;
  let last: { readonly key: string; readonly sam: Sam; readonly predictor: SamPredictor } | undefined;

  function grounderOf(sam: Sam): Promise<TextGrounder> {
    if (opened?.sam === sam) return opened.grounder;
    opened?.grounder.then((grounder) => grounder.close()).catch(() => undefined); // of another model
    const grounder = openGrounder(sam);
    const own = { sam, grounder };
    opened = own;
    grounder.catch(() => {
      if (opened === own) opened = undefined;
    });
    return grounder;
  }

  const unavailable = (cause: unknown): never => {
    throw new ServerError(
      "text-unavailable",
      "The server's engine for words could not be opened; see the server's log.",
      { cause },
    );
  };

  return {
    async open(sam) {
      await grounderOf(sam);
    },
    async of(sam, { key, load, pixels }, signal) {
      if (last?.key === key && last.sam === sam) return last.predictor;
      last = undefined;
      const predictor = new SamPredictor(sam, { grounder: await grounderOf(sam).catch(unavailable) });
      const [embedding, image] = await Promise.all([load(), read(pixels, signal)]);
      predictor.setImageEmbedding(embedding, image);
      last = { key, sam, predictor };
      return predictor;
    },
  };
}
