/** What is asked of the worker for one crop of an image, and what it tells meanwhile. */
import type { Point, Size } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Crop } from "./crops.js";
import type { Selection } from "./selection.js";

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
