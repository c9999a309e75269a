/** For tests: the tensors of a ViT encoder's checkpoint. */
import type { VitArchitecture } from "../families/sam/architecture.js";
import { blockWindow } from "../families/sam/image-encoder-vit.js";

/** Differences from a published checkpoint. */
export interface VitWeightOptions {
  readonly posEmbed?: boolean;
  readonly qkvBias?: boolean;
  /** Rows of every relative position table, instead of the right number. */
  readonly relPosRows?: number;
  /** Width of a head, instead of embedDim / numHeads. */
  readonly headWidth?: number;
}

/** Shapes by key, under `image_encoder.`. */
export function vitWeightShapes(
  a: VitArchitecture,
  { posEmbed = true, qkvBias = true, relPosRows, headWidth = a.embedDim / a.numHeads }: VitWeightOptions = {},
): Record<string, readonly number[]> {
  const grid = a.imageSize / a.patchSize;
  const inner = headWidth * a.numHeads;
  const shapes: Record<string, readonly number[]> = {
    "patch_embed.proj.weight": [a.embedDim, 3, a.patchSize, a.patchSize],
    "patch_embed.proj.bias": [a.embedDim],
    "neck.0.weight": [a.outChannels, a.embedDim, 1, 1],
    "neck.2.weight": [a.outChannels, a.outChannels, 3, 3],
  };
  if (posEmbed) shapes.pos_embed = [1, grid, grid, a.embedDim];
  for (const norm of ["neck.1", "neck.3"]) addPair(shapes, norm, [a.outChannels]);
  for (let i = 0; i < a.depth; i++) {
    const block = `blocks.${i}`;
    addPair(shapes, `${block}.norm1`, [a.embedDim]);
    addPair(shapes, `${block}.norm2`, [a.embedDim]);
    addPair(shapes, `${block}.attn.qkv`, [3 * inner, a.embedDim]);
    if (!qkvBias) delete shapes[`${block}.attn.qkv.bias`];
    addPair(shapes, `${block}.attn.proj`, [a.embedDim, inner]);
    addPair(shapes, `${block}.mlp.lin1`, [a.mlpDim, a.embedDim]);
    addPair(shapes, `${block}.mlp.lin2`, [a.embedDim, a.mlpDim]);
    if (!a.useRelPos) continue;
    const rows = relPosRows ?? 2 * (blockWindow(a, i) || grid) - 1;
    for (const axis of ["h", "w"]) shapes[`${block}.attn.rel_pos_${axis}`] = [rows, headWidth];
  }
  return Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [`image_encoder.${key}`, shape]));
}

function addPair(shapes: Record<string, readonly number[]>, prefix: string, shape: readonly number[]): void {
  shapes[`${prefix}.weight`] = shape;
  shapes[`${prefix}.bias`] = [shape[0]!];
}
