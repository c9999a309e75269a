import { expect, it } from "vitest";
import { packPrompts } from "../model/prompt-batch.js";
import { checkSizes, pick, promptFeeds } from "./feeds.js";

const clicks = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ pointCoords: [[i, 10 * i]], pointLabels: [1] })) as Parameters<
    typeof packPrompts
  >[0];

it("feeds the prompts from one place to another, with the batch that they are", () => {
  const packed = packPrompts(clicks(5));
  const { point_coords, point_labels, ...others } = promptFeeds(packed, 1, 3);
  expect(others).toEqual({});
  expect(point_coords!.shape).toEqual([2, packed.tokens, 2]);
  expect([...point_coords!.data].slice(0, 2)).toEqual([1, 10]);
  expect([...point_coords!.data].slice(2 * packed.tokens, 2 * packed.tokens + 2)).toEqual([2, 20]);
  expect(point_labels!.shape).toEqual([2, packed.tokens]);
});

it("feeds mask inputs and extra tokens of those prompts where there are any", () => {
  const packed = {
    ...packPrompts(clicks(2)),
    maskInput: Float32Array.from({ length: 8 }, (_, i) => i),
    hasMaskInput: Float32Array.of(0, 1),
    extraTokens: { count: 3, data: Float32Array.from({ length: 12 }, (_, i) => i) },
  };
  const { mask_input, has_mask_input, extra_tokens } = promptFeeds(packed, 1, 2);
  expect(mask_input).toMatchObject({ shape: [1, 1, 2, 2], data: Float32Array.of(4, 5, 6, 7) });
  expect(has_mask_input).toMatchObject({ shape: [1], data: Float32Array.of(1) });
  expect(extra_tokens).toMatchObject({ shape: [1, 3, 2], data: Float32Array.of(6, 7, 8, 9, 10, 11) });
});

it("refuses a mask input and extra tokens of a size that the model does not take", () => {
  const io = { maskSide: 2, tokenWidth: 3 };
  const packed = packPrompts(clicks(2));
  const withMask = (values: number) => ({ ...packed, maskInput: new Float32Array(values) });
  const withTokens = (values: number) => ({
    ...packed,
    extraTokens: { count: 1, data: new Float32Array(values) },
  });
  for (const right of [packed, withMask(8), withTokens(6)]) expect(() => checkSizes(right, io)).not.toThrow();
  expect(() => checkSizes(withMask(18), io)).toThrow(expect.objectContaining({ code: "mask-invalid" }));
  expect(() => checkSizes(withTokens(8), io)).toThrow(expect.objectContaining({ code: "prompt-invalid" }));
});

it("picks what a graph takes, in its order", () => {
  const tensor = (value: number) => ({ dtype: "float32" as const, shape: [1], data: Float32Array.of(value) });
  const feeds = { a: tensor(1), b: tensor(2), c: tensor(3) };
  expect(Object.entries(pick(feeds, ["c", "a"]))).toEqual([
    ["c", feeds.c],
    ["a", feeds.a],
  ]);
});
