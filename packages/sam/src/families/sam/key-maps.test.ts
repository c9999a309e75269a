import { encodeSafetensors, memoryByteSource, openStateDict, type StateDict } from "@segany/graph/weights";
import { describe, expect, it } from "vitest";
import { encodePickle, type Picklable, pickledTensor } from "../../../../graph/src/testing/pickle-writer.js";
import { encodeTorchArchive } from "../../../../graph/src/testing/write-torch-zip.js";
import { publishedDecoder, vitHuge } from "../../testing/random-checkpoint.js";
import { normaliseKeys } from "../normalise-keys.js";
import { huggingFaceToOriginalKey, prefixRules } from "./key-maps.js";
import { decoderWeightShapes, vitWeightShapes } from "./weight-shapes.js";

/** Hugging Face's name of a key of Meta's repository: the rules read backwards. */
function originalToHuggingFaceKey(key: string): string {
  for (const [huggingFace, original] of prefixRules) {
    const [before, after] = original.split("#");
    const match = new RegExp(`^${before}${after === undefined ? "" : `(\\d+)${after}`}`).exec(key);
    if (match) return huggingFace.replace("#", match[1]) + key.slice(match[0].length);
  }
  return key;
}

const originals = Object.keys({
  ...vitWeightShapes(vitHuge),
  ...decoderWeightShapes({ decoder: publishedDecoder }),
});

describe("the names of Hugging Face's SamModel", () => {
  const pairs: [huggingFace: string, original: string][] = [
    ["vision_encoder.pos_embed", "image_encoder.pos_embed"],
    ["vision_encoder.patch_embed.projection.bias", "image_encoder.patch_embed.proj.bias"],
    ["vision_encoder.layers.31.layer_norm2.weight", "image_encoder.blocks.31.norm2.weight"],
    ["vision_encoder.layers.7.attn.rel_pos_h", "image_encoder.blocks.7.attn.rel_pos_h"],
    ["vision_encoder.neck.layer_norm2.bias", "image_encoder.neck.3.bias"],
    ["prompt_encoder.mask_embed.conv3.weight", "prompt_encoder.mask_downscaling.6.weight"],
    ["prompt_encoder.point_embed.2.weight", "prompt_encoder.point_embeddings.2.weight"],
    ["mask_decoder.transformer.layers.1.layer_norm4.bias", "mask_decoder.transformer.layers.1.norm4.bias"],
    ["mask_decoder.transformer.layer_norm_final_attn.bias", "mask_decoder.transformer.norm_final_attn.bias"],
    ["mask_decoder.upscale_layer_norm.weight", "mask_decoder.output_upscaling.1.weight"],
    [
      "mask_decoder.output_hypernetworks_mlps.3.proj_in.bias",
      "mask_decoder.output_hypernetworks_mlps.3.layers.0.bias",
    ],
    [
      "mask_decoder.output_hypernetworks_mlps.3.layers.0.bias",
      "mask_decoder.output_hypernetworks_mlps.3.layers.1.bias",
    ],
    ["mask_decoder.iou_prediction_head.proj_out.bias", "mask_decoder.iou_prediction_head.layers.2.bias"],
    ["mask_decoder.iou_token.weight", "mask_decoder.iou_token.weight"],
  ];
  for (const [huggingFace, original] of pairs) {
    it(`map ${huggingFace} both ways`, () => {
      expect(huggingFaceToOriginalKey(huggingFace)).toBe(original);
      expect(originalToHuggingFaceKey(original)).toBe(huggingFace);
    });
  }

  it("are one to one with all of Meta's", () => {
    const mapped = originals.map(originalToHuggingFaceKey);
    expect(new Set(mapped).size).toBe(originals.length);
    expect(mapped.map(huggingFaceToOriginalKey)).toEqual(originals);
    expect(mapped.filter((key) => key.startsWith("image_encoder."))).toEqual([]);
  });
});

describe("the names in a checkpoint", () => {
  const open = (bytes: Uint8Array): Promise<StateDict> =>
    openStateDict(memoryByteSource(bytes), { name: "test.pth", sha256: "ab" }, normaliseKeys);
  const weights = pickledTensor({ storageKey: "0", storageNumel: 2, shape: [2], strides: [1] });
  const storages = { "0": new Uint8Array(Float32Array.of(1, 2).buffer) };
  const archive = (value: Picklable): Uint8Array => encodeTorchArchive(encodePickle(value), storages);
  const dict = (items: Record<string, Picklable>): ReadonlyMap<string, Picklable> =>
    new Map(Object.entries(items));

  it("takes training prefixes off and drops the pixel constants", async () => {
    const keys = ["module.a", "sam.b", "module.model.sam.c", "sam.pixel_mean", "pixel_std", "d"];
    const state = await open(archive(dict(Object.fromEntries(keys.map((key) => [key, weights])))));
    expect([...state.tensors.keys()]).toEqual(["a", "b", "c", "d"]);
  });

  it.each(["", "_orig_mod.", "net.", "sam_model.", "base_model.model.", "module.student._orig_mod."])(
    "takes off whatever stands before the parts of a model: %s",
    async (prefix) => {
      const parts = ["image_encoder.pos_embed", "mask_decoder.iou_token.weight", "prompt_encoder.a.b"];
      const keys = [...parts.map((part) => prefix + part), `${prefix}pixel_mean`];
      const state = await open(archive(dict(Object.fromEntries(keys.map((key) => [key, weights])))));
      expect([...state.tensors.keys()]).toEqual(parts);
    },
  );

  it("refuses two tensors that would get the same name", async () => {
    await expect(open(archive(dict({ a: weights, "sam.a": weights })))).rejects.toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringContaining('"a"'),
    });
  });

  it("gives Hugging Face's SamModel Meta's names, from safetensors, with one or both copies of the shared embedding", async () => {
    const one = { shape: [2], data: Float32Array.of(1, 2) };
    const state = await open(
      encodeSafetensors({
        "vision_encoder.neck.conv1.weight": one,
        "shared_image_embedding.positional_embedding": one,
        "prompt_encoder.shared_embedding.positional_embedding": one,
        "mask_decoder.iou_prediction_head.layers.0.bias": one,
      }),
    );
    expect([...state.tensors.keys()].sort()).toEqual([
      "image_encoder.neck.0.weight",
      "mask_decoder.iou_prediction_head.layers.1.bias",
      "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    ]);
    expect([...(await state.load("image_encoder.neck.0.weight"))]).toEqual([1, 2]);
  });
});
