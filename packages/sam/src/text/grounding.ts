/** From words to objects of an image: one interface, several engines. */
import type { ExclusiveBoxXyxy, MaskRuns, RgbaImage } from "@segany/masks";
import type { ImageEmbedding, Tensor } from "../embeddings/image-embedding.js";

/**
 * What finds the objects. `detector`: the embedded one, 80 kinds of things. `owl`: OWL-ViT or OWLv2, any
 * words. `clip-rank`: masks of everything mode, ranked by CLIP. `clip-prompt`: a SAM that was trained to take
 * CLIP's features as a prompt, as in its paper.
 */
export type TextEngine = (typeof TEXT_ENGINES)[number];

/** All engines. */
export const TEXT_ENGINES = ["detector", "owl", "clip-rank", "clip-prompt"] as const;

/** An object that words describe. */
export interface GroundedObject {
  /** The words, as they were given. */
  readonly label: string;
  /** What the engine itself calls it, where it has names of its own: `truck` for the words "vehicle". */
  readonly category?: string;
  /** 0 to 1; scores of different engines can't be compared. */
  readonly score: number;
  /** Pixels, inside the image. */
  readonly boxXyxy: ExclusiveBoxXyxy;
  /** Of the image's size, from an engine that finds masks; one that finds boxes has none. */
  readonly mask?: MaskRuns;
  /**
   * From an engine whose words are a prompt themselves: what stands for them in the decoder, KxC. Points and
   * a box are then part of the same prompt, and do not choose among objects.
   */
  readonly tokens?: Tensor;
}

/** What was found. */
export interface Grounding {
  readonly engine: TextEngine;
  /** Least score of an object, where the caller asks for none: the engine's own. */
  readonly defaultThreshold: number;
  /** The best first; none if the image has nothing of the kind. */
  readonly objects: readonly GroundedObject[];
}

/** Settings of {@link TextGrounder.ground}. */
export interface GroundOptions {
  /** Least score of an object, 0 to 1; each engine has its own default. */
  readonly threshold?: number;
  /** The image's, of the model that the engine was opened with: spares encoding it again. */
  readonly embedding?: ImageEmbedding;
  readonly signal?: AbortSignal;
}

/** Finds objects by words. */
export interface TextGrounder extends AsyncDisposable {
  readonly engine: TextEngine;
  /** SHA-256 of the engine's weights, lower-case hex. */
  readonly checkpointSha256: string;
  /**
   * Checks words without looking for them.
   *
   * @returns the words in one form: without blanks around them, and composed as Unicode has it
   * @throws SamError `prompt-invalid`, `text-unknown` as `ground` does
   */
  check(text: string): string;
  /**
   * Finds the objects that words describe, or those of each of several phrases.
   *
   * @throws SamError `prompt-invalid` for words that are empty, too long or have control characters;
   *   `text-unknown` for words that the engine does not know; `image-empty`, `option-invalid`, `aborted`
   */
  ground(image: RgbaImage, text: string | readonly string[], options?: GroundOptions): Promise<Grounding>;
  close(): Promise<void>;
}
