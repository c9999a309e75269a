import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { initialWeights } from "./initial-weights.js";
import { sinCosPositions } from "./positions.js";

const shapes = new Map<string, { shape: readonly number[] }>(
  Object.entries({
    "image_encoder.pos_embed": [1, 3, 3, 8],
    "image_encoder.patch_embed.proj.weight": [8, 3, 4, 4],
    "image_encoder.blocks.0.norm1.weight": [8],
    "image_encoder.blocks.0.attn.rel_pos_h": [5, 4],
    "image_encoder.blocks.0.mlp.lin1.weight": [200, 100],
    "image_encoder.blocks.0.mlp.lin1.bias": [200],
    "mask_decoder.mask_tokens.weight": [40, 100],
    "mask_decoder.transformer.layers.0.mlp.lin1.weight": [200, 100],
    "mae.mask_token": [1, 4000],
    "mae.decoder_embed.weight": [50, 100],
  }).map(([key, shape]) => [key, { shape }]),
);
const values = initialWeights(shapes, createRandom(1));
const dataOf = (key: string) => values.get(key)!.data;
const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const deviation = (data: Float32Array) =>
  Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);

it("draws the same values for the same seed", () => {
  expect(initialWeights(shapes, createRandom(1))).toEqual(values);
  expect(initialWeights(shapes, createRandom(2))).not.toEqual(values);
});

it("fills matrices of the blocks by rows and columns, of the mask decoder by columns", () => {
  for (const [key, bound] of [
    ["image_encoder.blocks.0.mlp.lin1.weight", Math.sqrt(6 / 300)],
    ["image_encoder.patch_embed.proj.weight", Math.sqrt(6 / (48 + 8))],
    ["mae.decoder_embed.weight", Math.sqrt(6 / 150)],
    ["mask_decoder.transformer.layers.0.mlp.lin1.weight", 0.1],
  ] as const) {
    expect(largest(dataOf(key))).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(deviation(dataOf(key)) / bound).toBeCloseTo(Math.sqrt(1 / 3), 1);
  }
});

it("draws tokens from the normal distribution", () => {
  expect(deviation(dataOf("mask_decoder.mask_tokens.weight"))).toBeCloseTo(1, 1);
  expect(deviation(dataOf("mae.mask_token"))).toBeCloseTo(0.02, 2);
});

it("begins with scales of one, no bias, no relative positions, and fixed absolute ones", () => {
  expect([...dataOf("image_encoder.blocks.0.norm1.weight")]).toEqual(new Array(8).fill(1));
  expect(largest(dataOf("image_encoder.blocks.0.mlp.lin1.bias"))).toBe(0);
  expect(largest(dataOf("image_encoder.blocks.0.attn.rel_pos_h"))).toBe(0);
  expect(dataOf("image_encoder.pos_embed")).toEqual(sinCosPositions(3, 8));
});
