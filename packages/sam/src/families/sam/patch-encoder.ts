import { add, matmul, reshape, transpose } from "@segany/graph/ops";
import type { PatchEncoder } from "../../model/model-family.js";
import type { VitArchitecture } from "./architecture.js";
import { tokenBlock, tokenSide, VIT_PREFIX } from "./image-encoder-vit.js";

/** A ViT encoder up to its neck, on any of its patches. */
export function patchEncoder(architecture: VitArchitecture): PatchEncoder {
  const { patchSize, embedDim, depth, numHeads } = architecture;
  return {
    patchSize,
    side: tokenSide(architecture),
    width: embedDim,
    positionsKey: `${VIT_PREFIX}.pos_embed`,
    embed(g, patches) {
      const prefix = `${VIT_PREFIX}.patch_embed.proj`;
      const matrix = reshape(g, g.weight(`${prefix}.weight`), [embedDim, 3 * patchSize * patchSize]);
      const tokens = matmul(g, patches, transpose(g, matrix, [1, 0])); // BxNxC
      return g.hasWeight(`${prefix}.bias`) ? add(g, tokens, g.weight(`${prefix}.bias`)) : tokens;
    },
    blocks(g, tokens) {
      for (let index = 0; index < depth; index++)
        tokens = tokenBlock(g, tokens, `${VIT_PREFIX}.blocks.${index}`, numHeads);
      return tokens;
    },
  };
}
