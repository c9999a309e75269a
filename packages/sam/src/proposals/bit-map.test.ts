import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBitMap, windowIou } from "./bit-map.js";

const pixels = (side: number) =>
  fc.array(fc.integer({ min: -1, max: 1 }), { minLength: side * side, maxLength: side * side });

describe("masks as bits", () => {
  it("puts the leftmost pixel into the lowest bit", () => {
    const logits = new Float32Array(16 * 16).fill(-1);
    logits[0] = 2;
    logits[17] = 0.5;
    const { side, words } = toBitMap(logits, 0);
    expect([side, words.length, words[0], words[1]]).toEqual([16, 16, 1, 2]);
  });

  it("compares a small map with the part of a large one that it lies on, as counting pixels does", () => {
    fc.assert(
      fc.property(pixels(16), pixels(48), fc.nat(2), fc.nat(32), (small, large, column, y) => {
        const x = 16 * column;
        let [intersection, union] = [0, 0];
        for (let i = 0; i < 256; i++) {
          const a = small[i]! > 0;
          const b = large[(y + Math.floor(i / 16)) * 48 + x + (i % 16)]! > 0;
          if (a && b) intersection++;
          if (a || b) union++;
        }
        const iou = windowIou(
          toBitMap(Float32Array.from(small), 0),
          toBitMap(Float32Array.from(large), 0),
          x,
          y,
        );
        expect(iou).toBe(union === 0 ? 1 : intersection / union);
      }),
      { numRuns: 50 },
    );
  });
});
