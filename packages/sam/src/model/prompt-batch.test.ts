import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchPrompts, EXCLUDED, type PromptInput, packPrompts } from "./prompt-batch.js";

describe("packing prompts", () => {
  test("adds a padding point to points without a box", () => {
    const packed = packPrompts([
      {
        pointCoords: [
          [10, 20],
          [30, 40],
        ],
        pointLabels: [1, 0],
      },
    ]);
    expect(packed).toEqual({
      batch: 1,
      tokens: 3,
      pointCoords: Float32Array.of(10, 20, 30, 40, 0, 0),
      pointLabels: Float32Array.of(1, 0, -1),
      ragged: false,
    });
  });

  test("puts a box's corners after the points, and then no padding point", () => {
    const packed = packPrompts([{ pointCoords: [[5, 6]], pointLabels: [0], boxXyxy: [1, 2, 3, 4] }]);
    expect(packed.pointCoords).toEqual(Float32Array.of(5, 6, 1, 2, 3, 4));
    expect(packed.pointLabels).toEqual(Float32Array.of(0, 2, 3));
  });

  test("fills shorter prompts up with excluded tokens", () => {
    const packed = packPrompts([
      { boxXyxy: [1, 2, 3, 4], pointCoords: [[7, 8]], pointLabels: [1] },
      { boxXyxy: [5, 6, 7, 8] },
    ]);
    expect(packed).toMatchObject({ batch: 2, tokens: 3, ragged: true });
    expect(packed.pointLabels).toEqual(Float32Array.of(1, 2, 3, 2, 3, EXCLUDED));
    expect(packed.pointCoords).toEqual(Float32Array.of(7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0));
  });

  test("stands an excluded token in for a prompt that is a mask alone", () => {
    const maskInput = Float32Array.of(1, 2, 3, 4);
    const packed = packPrompts([{ maskInput }]);
    expect(packed).toMatchObject({ tokens: 1, ragged: true, maskInput, hasMaskInput: Float32Array.of(1) });
    expect(packed.pointLabels).toEqual(Float32Array.of(EXCLUDED));
  });

  test("leaves room for the masks that some prompts lack", () => {
    const box: PromptInput = { boxXyxy: [0, 0, 1, 1] };
    const packed = packPrompts([box, { ...box, maskInput: Float32Array.of(1, 2, 3, 4) }]);
    expect(packed.maskInput).toEqual(Float32Array.of(0, 0, 0, 0, 1, 2, 3, 4));
    expect(packed.hasMaskInput).toEqual(Float32Array.of(0, 1));
  });

  test("keeps every prompt's own tokens in front, whatever stands beside it", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 1023 }), fc.integer({ min: 0, max: 1023 }));
    const prompt = fc
      .record({ points: fc.array(point, { maxLength: 4 }), box: fc.option(fc.tuple(point, point)) })
      .map(
        ({ points, box }): PromptInput => ({
          pointCoords: points,
          pointLabels: points.map(([x]) => x % 2),
          ...(box && { boxXyxy: [...box[0], ...box[1]] as const }),
        }),
      );
    fc.assert(
      fc.property(fc.array(prompt, { minLength: 1, maxLength: 5 }), (prompts) => {
        const { tokens, pointCoords, pointLabels } = packPrompts(prompts);
        for (const [i, one] of prompts.entries()) {
          const alone = packPrompts([one]);
          const labels = [...pointLabels.subarray(i * tokens, (i + 1) * tokens)];
          const own = [...alone.pointLabels];
          expect(labels).toEqual([...own, ...Array(tokens - own.length).fill(EXCLUDED)]);
          const coords = pointCoords.subarray(2 * i * tokens, 2 * (i * tokens + own.length));
          expect(coords).toEqual(alone.pointCoords);
        }
      }),
    );
  });

  test("extra tokens of all prompts stand one after another", () => {
    const prompts = [1, 5].map((first) => ({
      extraTokens: { shape: [2, 2], data: Float32Array.of(first, first + 1, first + 2, first + 3) },
    }));
    const { extraTokens, ragged, tokens } = packPrompts(prompts);
    expect(extraTokens).toEqual({ count: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect([tokens, ragged]).toEqual([1, true]); // an excluded token: a decoder needs one
  });

  test.each<[string, PromptInput[], RegExp]>([
    ["no prompt", [], /There is no prompt/],
    ["points without labels", [{ pointCoords: [[1, 2]] }], /1 points but 0 labels/],
    ["an unknown label", [{ pointCoords: [[1, 2]], pointLabels: [7] }], /label 7 is invalid/],
    ["a position that is none", [{ pointCoords: [[Number.NaN, 2]], pointLabels: [1] }], /\(NaN, 2\)/],
    ["a box without end", [{ boxXyxy: [0, 0, Number.POSITIVE_INFINITY, 1] }], /\(Infinity, 1\)/],
    [
      "logits that are no square",
      [{ maskInput: new Float32Array(8) }],
      /has 8 values, which are not a square/,
    ],
    [
      "logits of two sizes",
      [{ maskInput: new Float32Array(9) }, { maskInput: new Float32Array(4) }],
      /has 4 values, another one in the batch has 9/,
    ],
    [
      "extra tokens in other numbers",
      [{ extraTokens: { shape: [1, 2], data: Float32Array.of(1, 2) } }, { boxXyxy: [0, 0, 1, 1] }],
      /1x2 and no extra tokens/,
    ],
  ])("refuses %s", (_, prompts, message) => {
    expect(() => packPrompts(prompts)).toThrow(message);
  });
});

describe("batches of prompts", () => {
  const point: PromptInput = { pointCoords: [[1, 1]], pointLabels: [1] };
  const withTokens = (count: number): PromptInput => ({
    ...point,
    extraTokens: { shape: [count, 2], data: new Float32Array(2 * count) },
  });

  test("keep the order, with at most 64 prompts each", () => {
    const prompts = Array.from({ length: 130 }, (_, i): PromptInput => ({ ...point, pointCoords: [[i, 0]] }));
    const batches = batchPrompts(prompts);
    expect(batches.map(({ length }) => length)).toEqual([64, 64, 2]);
    expect(batches.flat()).toEqual(prompts);
    expect(batchPrompts([])).toEqual([]);
  });

  test("begin anew where the number of extra tokens changes, so that each can be packed", () => {
    const prompts = [point, withTokens(1), withTokens(1), withTokens(2), point, point];
    const batches = batchPrompts(prompts);
    expect(batches.map(({ length }) => length)).toEqual([1, 2, 1, 2]);
    expect(batches.map((batch) => packPrompts(batch).extraTokens?.count)).toEqual([
      undefined,
      1,
      2,
      undefined,
    ]);
  });
});
