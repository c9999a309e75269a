import { expect, it } from "vitest";
import { splitDecodedMasks } from "./decoded-masks.js";

it("gives each prompt its own scores and logits, as copies", () => {
  const lowResLogits = Float32Array.from({ length: 2 * 3 * 4 }, (_, i) => i);
  const decoded = { batch: 2, masks: 3, iouPredictions: Float32Array.of(1, 2, 3, 4, 5, 6), lowResLogits };
  const [first, second, ...rest] = splitDecodedMasks(decoded);
  expect(rest).toEqual([]);
  expect(first!.iouPredictions).toEqual([1, 2, 3]);
  expect(second!.iouPredictions).toEqual([4, 5, 6]);
  expect(first!.lowResLogits.map((map) => [...map])).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9, 10, 11],
  ]);
  expect(second!.lowResLogits.map((map) => [...map])).toEqual([
    [12, 13, 14, 15],
    [16, 17, 18, 19],
    [20, 21, 22, 23],
  ]);
  second!.lowResLogits[0]!.fill(-1);
  expect(lowResLogits[12]).toBe(12);
});
