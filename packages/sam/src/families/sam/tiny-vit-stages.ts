/** What the stages of TinyViT look like for an image size: shared by the plain and the fast form. */
import { SamError } from "@segany/masks";
import type { TinyVitArchitecture } from "./architecture.js";

/** Where the encoder's tensors stand in a checkpoint. */
export const TINY_VIT_PREFIX = "image_encoder";

/** Epsilon of TinyViT's layer and batch normalisations: PyTorch's default. */
export const TINY_VIT_EPSILON = 1e-5;

/** One of the four stages. */
export interface TinyVitStage {
  readonly index: number;
  /** Keys of the stage begin with it. */
  readonly prefix: string;
  readonly depth: number;
  readonly numHeads: number;
  /** Side of the stage's grid, tokens. */
  readonly grid: number;
  /** Side of an attention window, tokens; unused in stage 0, which has no attention. */
  readonly window: number;
  /** Stride of the downsampling after the stage; undefined after the last one. */
  readonly downsampleStride: number | undefined;
}

/**
 * The stages in order. Grids are S/4, S/8, S/16 and S/16: MobileSAM leaves the last downsampling at stride 1,
 * so that the embedding has the resolution of SAM's.
 *
 * @throws SamError `graph-invalid` for an image size that is no multiple of 16
 */
export function tinyVitStages({
  imageSize,
  depths,
  numHeads,
  windowSizes,
}: TinyVitArchitecture): TinyVitStage[] {
  if (imageSize % 16 !== 0 || imageSize <= 0) {
    throw new SamError("graph-invalid", `TinyViT takes images of a multiple of 16 pixels, not ${imageSize}.`);
  }
  const last = depths.length - 1;
  let grid = imageSize / 4;
  return depths.map((depth, index) => {
    const downsampleStride = index === last ? undefined : index === last - 1 ? 1 : 2;
    const stage: TinyVitStage = {
      index,
      prefix: `${TINY_VIT_PREFIX}.layers.${index}`,
      depth,
      numHeads: numHeads[index]!,
      grid,
      window: windowSizes[index]!,
      downsampleStride,
    };
    grid /= downsampleStride ?? 1;
    return stage;
  });
}
