import { expect, it } from "vitest";
import type { TinyVitArchitecture, VitArchitecture } from "./architecture.js";
import { encoderDepth, layerOf } from "./encoder-layers.js";

const VIT = { kind: "vit", depth: 12 } as VitArchitecture;
const TINY_VIT = { kind: "tiny_vit", depths: [2, 2, 6, 2] } as unknown as TinyVitArchitecture;

it("counts the blocks of all stages", () => {
  expect([encoderDepth(VIT), encoderDepth(TINY_VIT)]).toEqual([12, 12]);
});

it.each([
  [VIT, "image_encoder.pos_embed", 0],
  [VIT, "image_encoder.patch_embed.proj.weight", 0],
  [VIT, "image_encoder.blocks.0.norm1.weight", 1],
  [VIT, "image_encoder.blocks.11.attn.rel_pos_h", 12],
  [VIT, "image_encoder.neck.0.weight", 13],
  [VIT, "mask_decoder.iou_token.weight", 13],
  [TINY_VIT, "image_encoder.patch_embed.seq.0.c.weight", 0],
  [TINY_VIT, "image_encoder.layers.0.blocks.1.conv1.c.weight", 2],
  [TINY_VIT, "image_encoder.layers.0.downsample.conv1.c.weight", 2],
  [TINY_VIT, "image_encoder.layers.2.blocks.0.attn.qkv.weight", 5],
  [TINY_VIT, "image_encoder.layers.2.downsample.conv3.bn.bias", 10],
  [TINY_VIT, "image_encoder.layers.3.blocks.1.mlp.fc2.bias", 12],
  [TINY_VIT, "image_encoder.neck.3.bias", 13],
  [TINY_VIT, "prompt_encoder.no_mask_embed.weight", 13],
])("in %j, %s is of layer %i", (encoder, key, layer) => {
  expect(layerOf(key, encoder)).toBe(layer);
});
