/** The work that a model does, behind one interface: in this process, in a child process or in a worker. */

import type { ImageEmbedding, ModelIdentity } from "../embeddings/image-embedding.js";
import type { Crop } from "../mask-generator/crops.js";
import type { MaskRecord } from "../mask-generator/mask-record.js";
import type { Behaviour, Selection } from "../mask-generator/settings.js";
import type { Point } from "../masks/types.js";
import type { Architecture } from "../model/architecture.js";
import type { Precision } from "../model/precision.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../transforms/prepare-image.js";
import type { Size } from "../transforms/types.js";

/** A model that has been opened. */
export interface ModelInfo extends ModelIdentity {
  /** The file it was read from, or the package. */
  readonly source: string;
  readonly architecture: Architecture;
  readonly precision: Precision;
}

/** Masks of a batch of prompts as the decoder gives them. */
export interface DecodedMasks {
  readonly batch: number;
  /** Masks a prompt: 1, 3 or 4. */
  readonly masks: number;
  /** batch x masks. */
  readonly iouPredictions: Float32Array;
  /** batch x masks x side x side, 256x256 for every published model. */
  readonly lowResLogits: Float32Array;
}

/** Masks of a batch of prompts as the decoder's foveal form gives them: what lies in one window of the image. */
export interface WindowMasks {
  /** Masks a prompt. */
  readonly masks: number;
  /** batch x masks. */
  readonly iouPredictions: Float32Array;
  /** batch x masks x side x side. */
  readonly logits: Float32Array;
  /** Side of the window, low-res pixels. */
  readonly side: number;
  /** Where it begins, low-res pixels. */
  readonly x: number;
  readonly y: number;
}

/** One crop of one image, for the mask generator. */
export interface CropTask {
  /** Made by the caller's own counter; one for all crops of an image. */
  readonly proposals: number;
  readonly crop: Crop;
  readonly imageSize: Size;
  /** The crop's pixels, or its embedding if it was made before. */
  readonly input: PreparedImage | ImageEmbedding;
  /** In the unit square of the crop. */
  readonly pointGrid: readonly Point[];
  readonly pointsPerBatch: number;
  /** Whether every point is decoded in full, or only those that close looks leave open. */
  readonly effort: "exact" | "sparse";
  readonly stabilityScoreOffset: number;
  /** Masks below these can never be selected. */
  readonly floor: Pick<Selection, "predIouThresh" | "stabilityScoreThresh">;
}

/** Tells an embedding from pixels that are still to be encoded. */
export function isEmbedding(input: PreparedImage | ImageEmbedding): input is ImageEmbedding {
  return "model" in input;
}

/** Milliseconds that the parts took. */
export interface CropTimings {
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly postMs: number;
}

/** How far the decoder is within one crop. */
export interface CropProgress {
  readonly pointsDone: number;
  readonly pointsTotal: number;
  /** Masks kept so far. */
  readonly candidates: number;
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
