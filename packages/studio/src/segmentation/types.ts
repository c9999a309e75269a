/** Where the model runs, behind one interface: the rest of the studio does not know. */

import type { Size } from "@segany/masks";
import type {
  GenerationProgress,
  ImagePrompt,
  MaskGeneratorOptions,
  ModelInfo,
  ModelIo,
  SelectionOptions,
} from "@segany/sam";
import type { Alternative } from "../state/document.js";
import type { Loading, RunMode } from "../state/status.js";
import type { FoundMask } from "../state/types.js";

/** A source of masks for images. It tells of its model through what it was made with. */
export interface Segmenter {
  readonly mode: RunMode;
  /**
   * Takes an image in: sends it where it is worked on, and waits for its embedding.
   */
  open(source: ImageSource, options: OpenOptions): Promise<OpenImage>;
  /**
   * Takes in an image that will probably be wanted next, without holding up those that are open. One at a
   * time. Left out where that is somebody else's matter, as a server's, or too much for the device.
   */
  openAhead?(source: ImageSource, options: OpenOptions): Promise<OpenImage>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly onLoading: (loading: Loading) => void;
}

/** A file of the user, or an image that the server has. */
export type ImageSource =
  | { readonly kind: "file"; readonly id: string; readonly file: Blob; readonly name: string }
  | { readonly kind: "stored"; readonly id: string };

export interface PredictOptions {
  /** Three masks (whole, part, subpart); otherwise one. */
  readonly multimask: boolean;
  readonly signal?: AbortSignal;
}

/** What prompts and masks have to know of the model that answers. */
export type ModelFrame = Pick<ModelIo, "imageSide" | "fit" | "maskSide"> &
  Pick<ModelInfo, "everythingThresholds">;

/** An image that can be asked. */
export interface OpenImage extends Size {
  readonly model: ModelFrame;
  predict(prompt: ImagePrompt, options: PredictOptions): Promise<readonly Alternative[]>;
  /** Finds all masks. `onFound` gets those found so far about once a second, best first. */
  everything(options: EverythingOptions): Promise<DecodedSearch>;
  /** Finds the masks of what words say. Left out where no engine for words is there: in a page alone. */
  words?(text: string, options: { readonly signal: AbortSignal }): Promise<FoundByWords>;
}

/** What words found, the best score first. */
export interface FoundByWords {
  /** What found it. */
  readonly engine: string;
  /** Least score that is shown at first. */
  readonly threshold: number;
  readonly masks: readonly FoundMask[];
}

/** Candidates below these are not kept, so thresholds can't be moved lower; the others take memory. */
export const FOUND_FLOOR = { predIouThresh: 0.5, stabilityScoreThresh: 0.5 } as const;

export interface EverythingOptions {
  readonly settings: MaskGeneratorOptions;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Pick<GenerationProgress, "pointsDone" | "pointsTotal">) => void;
  readonly onFound: (masks: readonly FoundMask[]) => void;
}

/** Masks that were decoded once; thresholds can be moved afterwards. */
export interface DecodedSearch {
  select(selection: SelectionOptions): Promise<readonly FoundMask[]>;
  release(): Promise<void>;
}
