import { exclusiveBox, imagePoint, maskToRuns } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MaskObject } from "../state/document.js";
import { shapeOf } from "../state/mask-shape.js";
import type { FoundMask } from "../state/types.js";
import {
  boxBetween,
  boxHandleAt,
  dragBoxHandle,
  foundAt,
  isInsideShape,
  objectAt,
  pointAt,
} from "./hit-testing.js";
import { anyMask, runsOf } from "./testing/masks.js";
import { screenPoint } from "./view.js";

function objectOf(id: string, rows: readonly string[], more: Partial<MaskObject> = {}): MaskObject {
  return {
    id,
    name: id,
    classId: null,
    colour: 0,
    visible: true,
    locked: false,
    source: "prompt",
    predictedIou: null,
    stabilityScore: null,
    points: [],
    boxXyxy: null,
    ...shapeOf(runsOf(rows))!,
    ...more,
  };
}

const whole = objectOf("whole", ["1111", "1111", "1111"]);
const part = objectOf("part", ["0000", "0110", "0000"]);

describe("objects under the cursor", () => {
  it("are met where their pixels are, the smallest first", () => {
    expect(objectAt(imagePoint([1.5, 1.5]), [whole, part])?.id).toBe("part");
    expect(objectAt(imagePoint([1.5, 1.5]), [part, whole])?.id).toBe("part");
    expect(objectAt(imagePoint([0.5, 1.5]), [part, whole])?.id).toBe("whole");
    expect(objectAt(imagePoint([3.999, 2.999]), [part, whole])?.id).toBe("whole");
    expect(objectAt(imagePoint([4, 1]), [part, whole])).toBeNull();
  });

  it("are passed through when they are not shown", () => {
    expect(objectAt(imagePoint([1.5, 1.5]), [whole, { ...part, visible: false }])?.id).toBe("whole");
  });

  it("of equal size are met in the order they are drawn, the last one on top", () => {
    const twin = { ...part, id: "twin" };
    expect(objectAt(imagePoint([1.5, 1.5]), [part, twin])?.id).toBe("twin");
  });

  it("are those whose mask has the pixel", () => {
    fc.assert(
      fc.property(anyMask, fc.nat(13), fc.nat(13), (mask, x, y) => {
        const shape = shapeOf(maskToRuns(mask));
        const inside = x < mask.width && y < mask.height && mask.data[y * mask.width + x] === 1;
        const hit = shape !== null && isInsideShape(imagePoint([x + 0.3, y + 0.9]), shape);
        expect(hit).toBe(inside);
      }),
    );
  });
});

describe("found masks under the cursor", () => {
  const found = (rows: readonly string[]): FoundMask => ({
    ...shapeOf(runsOf(rows))!,
    predictedIou: 0.9,
    stabilityScore: 0.9,
    points: [],
  });

  it("are named by their place in the list", () => {
    const masks = [found(["1111", "1111", "1111"]), found(["0000", "0110", "0000"])];
    expect(foundAt(imagePoint([1.5, 1.5]), masks)).toBe(1);
    expect(foundAt(imagePoint([0.5, 0.5]), masks)).toBe(0);
    expect(foundAt(imagePoint([9, 9]), masks)).toBeNull();
  });

  it("are met in their last column and row", () => {
    expect(foundAt(imagePoint([2.5, 2.5]), [found(["0000", "0110", "0110"])])).toBe(0);
  });
});

describe("handles", () => {
  const view = { scale: 2, offsetX: 10, offsetY: 20 };
  const points = [
    { id: "a", at: imagePoint([10, 10]), label: 1 },
    { id: "b", at: imagePoint([14, 10]), label: 0 },
  ] as const;

  it("of points are met within reach on the screen, the nearest first", () => {
    expect(pointAt(screenPoint([33, 40]), points, view, 8)?.id).toBe("a");
    expect(pointAt(screenPoint([36, 40]), points, view, 8)?.id).toBe("b");
    expect(pointAt(screenPoint([60, 40]), points, view, 8)).toBeNull();
  });

  it("of a box are its sides and corners, not its inside", () => {
    const box = exclusiveBox([10, 10, 60, 40]);
    expect(boxHandleAt(screenPoint([31, 41]), box, view, 6)).toEqual({ x: 0, y: 1 });
    expect(boxHandleAt(screenPoint([130, 70]), box, view, 6)).toEqual({ x: 2, y: null });
    expect(boxHandleAt(screenPoint([80, 99]), box, view, 6)).toEqual({ x: null, y: 3 });
    expect(boxHandleAt(screenPoint([80, 70]), box, view, 6)).toBeNull();
    expect(boxHandleAt(screenPoint([80, 10]), box, view, 6)).toBeNull();
  });

  it("move their side of the box, also over to the other side", () => {
    expect(dragBoxHandle(exclusiveBox([10, 10, 60, 40]), { x: 2, y: null }, imagePoint([70, 5]))).toEqual([
      10, 10, 70, 40,
    ]);
    expect(dragBoxHandle(exclusiveBox([10, 10, 60, 40]), { x: 0, y: 1 }, imagePoint([80, 20]))).toEqual([
      60, 20, 80, 40,
    ]);
  });

  it("make a box of two corners in any order", () => {
    expect(boxBetween(imagePoint([9, 2]), imagePoint([3, 8]))).toEqual([3, 2, 9, 8]);
  });
});
