/** Requests for one crop of an image, and their progress. */
import type { Point, Size } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Crop } from "./crops.js";
import type { Selection } from "./selection.js";

/** One crop of one image, for the mask generator. */
export interface CropTask {
  /** Assigned by the caller; the same for all crops of an image. */
  readonly searchId: number;
  readonly crop: Crop;
  readonly imageSize: Size;
  /** The crop's pixels, or its embedding if already computed. */
  readonly input: PreparedImage | ImageEmbedding;
  /** In the unit square of the crop. */
  readonly pointGrid: readonly Point[];
  readonly pointsPerBatch: number;
  /** Whether every point is decoded completely, or only what windows leave open. */
  readonly effort: "exact" | "sparse";
  readonly stabilityScoreOffset: number;
  /** Masks below these thresholds can never be selected. */
  readonly floor: Pick<Selection, "predIouThresh" | "stabilityScoreThresh">;
}

/** Whether the input is an embedding, not pixels to encode. */
export function isEmbedding(input: PreparedImage | ImageEmbedding): input is ImageEmbedding {
  return "model" in input;
}

/** Milliseconds of the parts. */
export interface CropTimings {
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly postMs: number;
}

/** Progress of the decoder within one crop. */
export interface CropProgress {
  readonly pointsDone: number;
  readonly pointsTotal: number;
  /** Masks kept so far. */
  readonly candidates: number;
}
