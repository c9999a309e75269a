import fc from "fast-check";
import { expect, test } from "vitest";
import { attentionBiasIndices, expandAttentionBiases } from "./attention-bias.js";

test("distances of a window of two are numbered as they first appear", () => {
  // Tokens 0 1 / 2 3. From 0: itself, right, below, diagonal; the others meet the same distances in another
  // order.
  const rows = [
    [0, 1, 2, 3],
    [1, 0, 3, 2],
    [2, 3, 0, 1],
    [3, 2, 1, 0],
  ];
  expect([...attentionBiasIndices(2)]).toEqual(rows.flat());
});

test("distances of any window are numbered as they first appear", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 14 }), (window) => {
      const tokens = Array.from({ length: window * window }, (_, i) => [Math.floor(i / window), i % window]);
      const seen = new Map<string, number>();
      const numbered = tokens.flatMap(([y, x]) =>
        tokens.map(([otherY, otherX]) => {
          const distance = `${Math.abs(y! - otherY!)} ${Math.abs(x! - otherX!)}`;
          if (!seen.has(distance)) seen.set(distance, seen.size);
          return seen.get(distance);
        }),
      );
      expect([...attentionBiasIndices(window)]).toEqual(numbered);
    }),
    { numRuns: 14 },
  );
});

test("biases are expanded head by head", () => {
  const first = [1, 2, 3, 4, 2, 1, 4, 3, 3, 4, 1, 2, 4, 3, 2, 1];
  const expanded = expandAttentionBiases(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2);
  expect([...expanded]).toEqual([...first, ...first.map((bias) => bias + 4)]);
});

test("biases that do not fit the window are refused", () => {
  expect(() => expandAttentionBiases(new Float32Array(7), 2)).toThrow(
    expect.objectContaining({ code: "checkpoint-invalid" }),
  );
});
