import { maskToRuns, runsToMask, strokeToRuns } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../state/mask-shape.js";
import { applyStroke } from "./brush.js";
import { anyMask, runsOf } from "./testing/masks.js";

describe("painting", () => {
  const size = { width: 4, height: 3 };
  const dot = { points: [[1.5, 1.5] as const], diameterPx: 1 };

  it("begins a mask where there is none", () => {
    expect(applyStroke(null, dot, "add", size)).toEqual({
      segmentation: runsOf(["0000", "0100", "0000"]),
      areaPx: 1,
      boxXywh: [1, 1, 1, 1],
    });
  });

  it("adds to a mask and takes away from it", () => {
    const shape = shapeOf(runsOf(["1111", "1011", "0000"]))!;
    const added = applyStroke(shape, dot, "add", size)!;
    expect(added.segmentation).toEqual(runsOf(["1111", "1111", "0000"]));
    expect(added.areaPx).toBe(8);
    expect(applyStroke(added, dot, "erase", size)).toEqual(shape);
  });

  it("leaves null when all of a mask was erased, or there was none", () => {
    const shape = shapeOf(runsOf(["0000", "0100", "0000"]));
    expect(applyStroke(shape, dot, "erase", size)).toBeNull();
    expect(applyStroke(null, dot, "erase", size)).toBeNull();
  });

  it("gives each pixel what the brush says where it passed, and otherwise what it was", () => {
    fc.assert(
      fc.property(anyMask, fc.boolean(), (mask, add) => {
        const stroke = { points: [[3.2, 4.1] as const, [9.3, 2.2] as const], diameterPx: 3.3 };
        const passed = runsToMask(strokeToRuns(stroke, mask)).data;
        const expected = mask.data.map((value, i) => (passed[i] ? Number(add) : value));
        const painted = applyStroke(shapeOf(maskToRuns(mask)), stroke, add ? "add" : "erase", mask);
        expect(painted ? [...runsToMask(painted.segmentation).data] : null).toEqual(
          expected.includes(1) ? [...expected] : null,
        );
      }),
    );
  });
});
