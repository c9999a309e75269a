/** Shapes of a CLIP's weights, for one that starts without a checkpoint. */
import { type ClipArchitecture, HEAD_WIDTH, VOCABULARY } from "./clip-architecture.js";
import { CLIP_CONTEXT } from "./clip-tokenizer.js";

/** Sizes of a CLIP: widths are multiples of 64, for heads of 64 values. */
export interface ClipSizes {
  readonly text: { readonly width: number; readonly depth: number };
  readonly image: {
    readonly width: number;
    readonly depth: number;
    readonly patchSize: number;
    readonly imageSize: number;
  };
  readonly featureSize: number;
}

/** What the shapes are those of. */
export function clipTowers({ text, image, featureSize }: ClipSizes): Omit<ClipArchitecture, "name"> {
  return {
    text: { ...text, heads: text.width / HEAD_WIDTH, context: CLIP_CONTEXT },
    image: { ...image, heads: image.width / HEAD_WIDTH },
    featureSize,
  };
}

/** Shapes of all tensors under OpenAI's names, with CLIP's own vocabulary and 77 tokens a text. */
export function clipShapes({ text, image, featureSize }: ClipSizes): Record<string, readonly number[]> {
  const { patchSize, imageSize } = image;
  return {
    logit_scale: [1],
    "token_embedding.weight": [VOCABULARY, text.width],
    positional_embedding: [CLIP_CONTEXT, text.width],
    ...blocksShapes("transformer.resblocks", text),
    ...normShapes("ln_final", text.width),
    text_projection: [text.width, featureSize],
    "visual.class_embedding": [image.width],
    "visual.conv1.weight": [image.width, 3, patchSize, patchSize],
    "visual.positional_embedding": [1 + (imageSize / patchSize) ** 2, image.width],
    ...normShapes("visual.ln_pre", image.width),
    ...blocksShapes("visual.transformer.resblocks", image),
    ...normShapes("visual.ln_post", image.width),
    "visual.proj": [image.width, featureSize],
  };
}

function blocksShapes(
  prefix: string,
  { width, depth }: ClipSizes["text"],
): Record<string, readonly number[]> {
  return Object.assign({}, ...Array.from({ length: depth }, (_, i) => blockShapes(`${prefix}.${i}`, width)));
}

function normShapes(prefix: string, width: number): Record<string, readonly number[]> {
  return { [`${prefix}.weight`]: [width], [`${prefix}.bias`]: [width] };
}

function blockShapes(prefix: string, width: number): Record<string, readonly number[]> {
  return {
    ...normShapes(`${prefix}.ln_1`, width),
    [`${prefix}.attn.in_proj_weight`]: [3 * width, width],
    [`${prefix}.attn.in_proj_bias`]: [3 * width],
    [`${prefix}.attn.out_proj.weight`]: [width, width],
    [`${prefix}.attn.out_proj.bias`]: [width],
    ...normShapes(`${prefix}.ln_2`, width),
    [`${prefix}.mlp.c_fc.weight`]: [4 * width, width],
    [`${prefix}.mlp.c_fc.bias`]: [4 * width],
    [`${prefix}.mlp.c_proj.weight`]: [width, 4 * width],
    [`${prefix}.mlp.c_proj.bias`]: [width],
  };
}
