import { expect, it } from "vitest";
import { smallNetworks } from "../../../sam/src/testing/small-networks.js";
import { layerRate } from "./layer-rate.js";

/** The ViT has two blocks, the TinyViT four. */
const [vit, tinyVit] = smallNetworks.map(({ network }) => network) as [
  (typeof smallNetworks)[0]["network"],
  (typeof smallNetworks)[0]["network"],
];

it.each([
  [vit, "image_encoder.patch_embed.proj.weight", 0.512],
  [vit, "image_encoder.blocks.0.mlp.lin1.weight", 0.64],
  [vit, "image_encoder.blocks.1.mlp.lin1.weight", 0.8],
  [vit, "image_encoder.neck.0.weight", 1],
  [vit, "mask_decoder.iou_token.weight", 1],
  [tinyVit, "image_encoder.patch_embed.seq.0.c.weight", 0.8 ** 5],
  [tinyVit, "image_encoder.layers.1.downsample.conv1.c.weight", 0.512],
  [tinyVit, "image_encoder.layers.3.blocks.0.attn.qkv.weight", 0.8],
])("of %o with a decay of 0.8, the rate of %s is %d", (network, key, rate) => {
  expect(layerRate(network, key, 0.8)).toBeCloseTo(rate, 12);
  expect(layerRate(network, key, 1)).toBe(1);
});
