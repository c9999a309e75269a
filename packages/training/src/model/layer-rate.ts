import type { PlainNetwork } from "@segany/sam/training";

/**
 * The factor of a weight's learning rate with layer-wise decay (Bao et al., BEiT, arXiv 2106.08254; Li et
 * al., ViTDet, arXiv 2203.16527): 1 after the encoder's blocks, times `decay` for each layer before.
 */
export function layerRate(
  { layerOf, encoderDepth }: Pick<PlainNetwork, "layerOf" | "encoderDepth">,
  key: string,
  decay: number,
): number {
  return decay ** (encoderDepth + 1 - layerOf(key));
}
