import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { upscalingCase } from "../testing/upscaling-case.js";
import { cropLogits, restoreLogits } from "./cropped-logits.js";
import { createMaskUpscaler } from "./mask-upscaling.js";

describe("cropping low-res logits", () => {
  it("keeps the mask at every threshold from the lowest on", () => {
    fc.assert(
      fc.property(
        upscalingCase,
        fc.integer({ min: -3, max: 12 }),
        ({ lowRes, offset, ...sizes }, minLogit) => {
          const upscaler = createMaskUpscaler(sizes);
          const cropped = cropLogits(lowRes, minLogit);
          const restored = restoreLogits(cropped, new Float32Array(lowRes.length));
          for (const threshold of [minLogit, minLogit + 0.3, minLogit + offset]) {
            const same = upscaler.toRle(lowRes, threshold);
            expect(upscaler.toRle(restored, threshold)).toEqual(same);
          }
          expect(upscaler.statistics(restored, minLogit + offset, offset)).toEqual(
            upscaler.statistics(lowRes, minLogit + offset, offset),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keeps one logit with the two around it that upscaling reads, and nothing of an empty map", () => {
    const lowRes = new Float32Array(100).fill(-5);
    expect(cropLogits(lowRes, -1).data.length).toBe(0);
    lowRes[4 * 10 + 1] = 3;
    expect(cropLogits(lowRes, -1)).toMatchObject({ x: 0, y: 2, width: 4, height: 5, minLogit: -1 });
    expect(() => restoreLogits(cropLogits(lowRes, -1), new Float32Array(9))).toThrow(/do not fit/);
    expect(() => cropLogits(new Float32Array(10), 0)).toThrow(/square/);
  });
});
