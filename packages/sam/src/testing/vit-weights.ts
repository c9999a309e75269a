/** For tests: the tensors of ViT encoders that differ from published ones. */
import type { VitArchitecture } from "../families/sam/architecture.js";
import { type NamedShapes, vitWeightShapes } from "../families/sam/weight-shapes.js";

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
export function unusualVitShapes(
  a: VitArchitecture,
  { posEmbed = true, qkvBias = true, relPosRows, headWidth = a.embedDim / a.numHeads }: VitWeightOptions = {},
): NamedShapes {
  const inner = headWidth * a.numHeads;
  const changed = Object.entries(vitWeightShapes(a)).map(([key, shape]) => {
    if (key.endsWith(".qkv.weight")) return [key, [3 * inner, a.embedDim]];
    if (key.endsWith(".qkv.bias")) return [key, [3 * inner]];
    if (key.endsWith(".attn.proj.weight")) return [key, [a.embedDim, inner]];
    return [key, key.includes(".rel_pos_") ? [relPosRows ?? shape[0], headWidth] : shape];
  });
  const shapes: NamedShapes = Object.fromEntries(changed);
  if (!posEmbed) delete shapes["image_encoder.pos_embed"];
  if (!qkvBias) for (const key of Object.keys(shapes)) if (key.endsWith(".qkv.bias")) delete shapes[key];
  return shapes;
}
