/** The work that a model does, behind one interface: in this process, in a child process or in a worker. */

import type { Precision } from "@segany/graph";
import type { MaskRecord } from "@segany/masks";
import type { ImageEmbedding, ModelIdentity } from "../embeddings/image-embedding.js";
import type { Architecture } from "../families/sam/architecture.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Behaviour, Selection } from "../proposals/selection.js";
import type { CropProgress, CropTask, CropTimings } from "../proposals/types.js";

/** A model that has been opened. */
export interface ModelInfo extends ModelIdentity {
  /** The file it was read from, or the package. */
  readonly source: string;
  readonly architecture: Architecture;
  readonly precision: Precision;
}

/** What every call takes: `signal` stops it between steps, or at once where the work is in another process. */
export interface EngineCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** See the parts: `SamPredictor` uses `encode` and `decode`, `SamAutomaticMaskGenerator` the others. */
export interface Engine {
  readonly model: ModelInfo;
  /** Runs the image encoder. */
  encode(image: PreparedImage, options?: EngineCallOptions): Promise<ImageEmbedding>;
  /** Runs the mask decoder on a batch of prompts for one image. */
  decode(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    masks: MaskTokens,
    options?: EngineCallOptions,
  ): Promise<DecodedMasks>;
  /** Decodes a grid of points on one crop and keeps the candidates under the number of `proposals`. */
  propose(
    task: CropTask,
    options?: EngineCallOptions & { readonly onProgress?: (progress: CropProgress) => void },
  ): Promise<CropTimings>;
  /** Picks the masks of all crops proposed so far. */
  select(proposals: number, selection: Selection, behaviour: Behaviour): Promise<MaskRecord[]>;
  /** Forgets candidates. */
  release(proposals: number): Promise<void>;
  /** Ends sessions, files and processes behind it; calls fail afterwards. */
  close(): Promise<void>;
}
