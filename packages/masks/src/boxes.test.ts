import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boxIou,
  boxXywhToXyxy,
  boxXyxyToXywh,
  cocoToMetaBox,
  isBoxNearCropEdge,
  maskToBoxXyxy,
  metaToCocoBox,
  toExclusiveBox,
  toInclusiveBox,
  uncropBox,
  uncropPoint,
} from "./boxes.js";
import { maskToRuns } from "./dense-runs.js";
import { encodeRle } from "./rle.js";
import { rleToBoxXywh } from "./rle-operations.js";
import { boxOfRuns, boxXyxyOfRuns } from "./run-measures.js";
import { maskArbitrary, maskOf } from "./testing/masks.js";

describe("boxes", () => {
  it("of a mask include the last column and row", () => {
    expect(maskToBoxXyxy(maskOf(["0000", "0110", "0010"]))).toEqual([1, 1, 2, 2]);
    expect(maskToBoxXyxy(maskOf(["00", "00"]))).toEqual([0, 0, 0, 0]);
  });

  it("of a mask are one pixel smaller than the COCO tools' boxes", () => {
    fc.assert(
      fc.property(maskArbitrary, (mask) => {
        const [x, y, width, height] = rleToBoxXywh(encodeRle(mask));
        const expected = width === 0 ? [0, 0, 0, 0] : [x, y, width - 1, height - 1];
        expect(boxXyxyToXywh(maskToBoxXyxy(mask))).toEqual(expected);
      }),
    );
  });

  it("turn from corners to size and back", () => {
    expect(boxXyxyToXywh([10, 20, 15, 40])).toEqual([10, 20, 5, 20]);
    expect(boxXywhToXyxy([10, 20, 5, 20])).toEqual([10, 20, 15, 40]);
  });

  it("gain and lose their last column and row in one place", () => {
    expect(toExclusiveBox([10, 20, 14, 39])).toEqual([10, 20, 15, 40]);
    expect(toInclusiveBox([10, 20, 15, 40])).toEqual([10, 20, 14, 39]);
    expect(metaToCocoBox([10, 20, 4, 19])).toEqual([10, 20, 5, 20]);
    expect(cocoToMetaBox([10, 20, 5, 20])).toEqual([10, 20, 4, 19]);
    expect(metaToCocoBox([3, 4, 0, 0])).toEqual([3, 4, 1, 1]);
    // An empty box can't lose any.
    expect(toInclusiveBox([0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
    expect(cocoToMetaBox([0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
  });

  it("of runs are those of the pixels in either form", () => {
    fc.assert(
      fc.property(maskArbitrary, (mask) => {
        const inclusive = maskToBoxXyxy(mask);
        expect(boxXyxyOfRuns(maskToRuns(mask))).toEqual(inclusive);
        const isEmpty = !mask.data.includes(1);
        const coco = isEmpty ? [0, 0, 0, 0] : boxXyxyToXywh(toExclusiveBox(inclusive));
        expect(boxOfRuns(maskToRuns(mask))).toEqual(coco);
      }),
    );
  });

  it("overlap by area between corners", () => {
    expect(boxIou([0, 0, 4, 4], [2, 2, 6, 6])).toBe(4 / 28);
    expect(boxIou([0, 0, 4, 4], [4, 0, 8, 4])).toBe(0);
    expect(boxIou([0, 0, 4, 4], [6, 6, 8, 8])).toBe(0);
    expect(boxIou([1, 1, 1, 1], [1, 1, 1, 1])).toBeNaN();
  });

  it("are near a crop's edge within 20 pixels, unless the image ends there too", () => {
    const image = [0, 0, 1000, 1000] as const;
    const crop = [500, 0, 1000, 600] as const;
    expect(isBoxNearCropEdge([21, 100, 300, 300], crop, image)).toBe(false);
    expect(isBoxNearCropEdge([20, 100, 300, 300], crop, image)).toBe(true);
    expect(isBoxNearCropEdge([100, 0, 500, 300], crop, image)).toBe(false);
    expect(isBoxNearCropEdge([100, 100, 300, 580], crop, image)).toBe(true);
    expect(isBoxNearCropEdge([100, 100, 300, 580], crop, image, 19)).toBe(false);
    // The image's edge excuses a side that is close to it, whether or not the crop ends there.
    expect(isBoxNearCropEdge([0, 100, 300, 300], [15, 0, 1000, 600], image)).toBe(false);
  });

  it("and points move from a crop to the image", () => {
    expect(uncropBox([1, 2, 3, 4], [10, 20, 50, 60])).toEqual([11, 22, 13, 24]);
    expect(uncropPoint([1, 2], [10, 20, 50, 60])).toEqual([11, 22]);
  });
});
