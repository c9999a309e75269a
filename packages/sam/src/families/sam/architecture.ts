import type { ImagePreprocessing } from "../../model/image-preprocessing.js";

/** Parameters of a plain ViT image encoder with windowed and global attention (paper, appendix A). */
export interface VitArchitecture {
  readonly kind: "vit";
  /** Side of the square input, pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly embedDim: number;
  readonly depth: number;
  readonly numHeads: number;
  /** Width of the hidden layer of each block's MLP. */
  readonly mlpDim: number;
  /** Side of an attention window, tokens. */
  readonly windowSize: number;
  /** Blocks that attend over the whole image. */
  readonly globalAttnIndexes: readonly number[];
  readonly useRelPos: boolean;
  /** Channels of the embedding. */
  readonly outChannels: number;
}

/**
 * Parameters of MobileSAM's TinyViT image encoder: one stage of convolutions, three of windowed attention.
 */
export interface TinyVitArchitecture {
  readonly kind: "tiny_vit";
  /** Side of the square input, pixels. */
  readonly imageSize: number;
  /** Channels, blocks, heads and window side (tokens) of the four stages. */
  readonly embedDims: readonly number[];
  readonly depths: readonly number[];
  readonly numHeads: readonly number[];
  readonly windowSizes: readonly number[];
  /** Channels of the embedding. */
  readonly outChannels: number;
}

/** Parameters of the prompt encoder and mask decoder, the same in every published SAM. */
export interface DecoderArchitecture {
  /** Width of tokens and of the embedding. */
  readonly transformerDim: number;
  /** Two-way layers. */
  readonly depth: number;
  readonly numHeads: number;
  /** Width of cross attention. */
  readonly attentionDim: number;
  readonly mlpDim: number;
  /** Mask tokens: one for a single mask, the others for whole, part and subpart. */
  readonly numMaskTokens: number;
  /** Channels between the convolutions of the mask prompt. */
  readonly maskInChannels: number;
}

/** A complete model, as inferred from the shapes of its checkpoint's tensors. */
export interface Architecture {
  readonly encoder: VitArchitecture | TinyVitArchitecture;
  readonly decoder: DecoderArchitecture;
  /** Missing where it is that of the published models; a checkpoint does not say. */
  readonly preprocessing?: ImagePreprocessing;
}

/**
 * Pixels of TinyViT's input per side of an embedding cell: two convolutions of its stem and two stages halve
 * it.
 */
const TINY_VIT_CELL_PX = 16;

/** Low-resolution logits per side of an embedding cell: the decoder doubles the resolution twice. */
const LOGITS_PER_CELL = 4;

/** Side of the image embedding, in cells: a sixteenth of the input for every published model. */
export function embeddingSide(encoder: Architecture["encoder"]): number {
  switch (encoder.kind) {
    case "vit":
      return encoder.imageSize / encoder.patchSize;
    case "tiny_vit":
      return encoder.imageSize / TINY_VIT_CELL_PX;
  }
}

/** Side of the low-resolution logits, both of predictions and of mask prompts. */
export function maskSide(encoder: Architecture["encoder"]): number {
  return LOGITS_PER_CELL * embeddingSide(encoder);
}
