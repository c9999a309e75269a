import { type BoxXyxy, exclusiveBox, imagePoint, inclusiveBox, type Mask, maskToRuns } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { resolveSettings } from "../mask-generator/settings.js";
import type { Candidate } from "./candidate.js";
import { selectMasks } from "./select-masks.js";

const size = { width: 100, height: 80 };
const whole = { boxXyxy: exclusiveBox([0, 0, 100, 80]), layer: 0 };
const quarter = { boxXyxy: exclusiveBox([0, 0, 60, 50]), layer: 1 };

/** A candidate whose mask is a rectangle, right and bottom inclusive. */
function rectangle(
  [x0, y0, x1, y1]: BoxXyxy,
  values: Partial<Candidate> = {},
  paint?: (mask: Mask) => void,
): Candidate {
  const data = new Uint8Array(size.width * size.height);
  for (let y = y0; y <= y1; y++) data.fill(1, y * size.width + x0, y * size.width + x1 + 1);
  const mask = { ...size, data };
  paint?.(mask);
  return {
    crop: whole,
    point: imagePoint([x0, y0]),
    predictedIou: 0.9,
    stabilityScore: 0.96,
    isStable(threshold) {
      return this.stabilityScore >= threshold;
    },
    boxXyxy: inclusiveBox([x0, y0, x1, y1]),
    mask: () => maskToRuns(mask),
    ...values,
  };
}

const settings = resolveSettings();
const boxes = (candidates: Candidate[], more = {}, behaviour: "official" | "paper" = "official") =>
  selectMasks(candidates, { ...settings, ...more }, behaviour).map((record) => record.bboxXywh);

describe("picking masks", () => {
  it("keeps predicted IoU strictly above and stability at least at the threshold", () => {
    const at = rectangle([0, 0, 9, 9], { predictedIou: 0.88 });
    const above = rectangle([20, 0, 29, 9], { predictedIou: 0.8801, stabilityScore: 0.95 });
    const unstable = rectangle([40, 0, 49, 9], { stabilityScore: 0.9499 });
    const empty = rectangle([60, 0, 69, 9], { stabilityScore: Number.NaN });
    expect(boxes([at, above, unstable, empty])).toEqual([[20, 0, 9, 9]]);
    const hopeless = rectangle([0, 20, 9, 29], { predictedIou: -0.1 });
    const all = [at, above, unstable, empty, hopeless];
    expect(boxes(all, { predIouThresh: 0, stabilityScoreThresh: 0 })).toHaveLength(5);
    expect(boxes(all, { predIouThresh: 0.001, stabilityScoreThresh: 0.001 })).toHaveLength(3);
  });

  it("writes boxes one pixel short as Meta does, and whole in behaviour paper", () => {
    expect(boxes([rectangle([10, 20, 29, 39])])).toEqual([[10, 20, 19, 19]]);
    expect(boxes([rectangle([10, 20, 29, 39])], {}, "paper")).toEqual([[10, 20, 20, 20]]);
  });

  it("keeps the better-rated of two duplicates in a crop", () => {
    const worse = rectangle([0, 0, 39, 39], { predictedIou: 0.9 });
    const better = rectangle([1, 0, 39, 39], { predictedIou: 0.95 });
    expect(boxes([worse, better])).toEqual([[1, 0, 38, 39]]);
  });

  it("keeps the mask of the smaller crop, however the model rates it", () => {
    const far = rectangle([0, 0, 39, 39], { predictedIou: 0.99 });
    const near = rectangle([1, 0, 39, 39], { predictedIou: 0.9, crop: quarter });
    expect(selectMasks([far, near], settings, "official").map((record) => record.cropBoxXywh)).toEqual([
      [0, 0, 60, 50],
    ]);
  });

  it("takes a crop for smaller by its area, wherever it lies, and tells of it and of the point", () => {
    const wide = { boxXyxy: exclusiveBox([40, 30, 100, 50]), layer: 1 }; // 1,200 pixels
    const high = { boxXyxy: exclusiveBox([0, 0, 50, 40]), layer: 1 }; // 2,000
    const candidates = [high, wide].map((crop, i) =>
      rectangle([40, 30, 49, 39], { crop, point: imagePoint([i, 7]) }),
    );
    expect(selectMasks(candidates, settings, "official")).toMatchObject([
      { cropBoxXywh: [40, 30, 60, 20], pointCoords: [[1, 7]] },
    ]);
  });

  it("fills holes and removes islands, and prefers masks that needed neither", () => {
    const hole = (mask: Mask) => mask.data.set([0], 20 * size.width + 20);
    const holed = rectangle([0, 0, 39, 39], { predictedIou: 0.99 }, hole);
    const [cleaned] = selectMasks([holed], { ...settings, minMaskRegionArea: 5 }, "official");
    expect(cleaned!.area).toBe(1600);
    const overlapping = rectangle([6, 0, 45, 39], { predictedIou: 0.9 });
    const kept = selectMasks(
      [holed, overlapping],
      { ...settings, boxNmsThresh: 0.9, cropNmsThresh: 0.7, minMaskRegionArea: 5 },
      "official",
    );
    expect(kept).toHaveLength(2); // the threshold is the larger of the two, 0.9; the boxes overlap by 0.73
    const strict = selectMasks(
      [holed, overlapping],
      { ...settings, boxNmsThresh: 0.74, cropNmsThresh: 0.7, minMaskRegionArea: 5 },
      "official",
    );
    expect(strict).toHaveLength(2);
  });

  it("suppresses again after cleaning with the larger of the two thresholds, whichever that is", () => {
    const first = rectangle([0, 0, 39, 39], { predictedIou: 0.99 });
    const second = rectangle([6, 0, 45, 39], { crop: quarter }); // the boxes overlap by 0.73
    const minMaskRegionArea = 5;
    for (const [boxNmsThresh, cropNmsThresh] of [
      [0.6, 0.8],
      [0.8, 0.74],
    ])
      expect(boxes([first, second], { boxNmsThresh, cropNmsThresh, minMaskRegionArea })).toHaveLength(2);
  });

  it("prefers a mask that needed no cleaning to a better-rated one that becomes its duplicate", () => {
    const island = (mask: Mask) => mask.data.set([1], 70 * size.width + 90);
    const cleaned = rectangle(
      [0, 0, 39, 39],
      { predictedIou: 0.99, boxXyxy: inclusiveBox([0, 0, 90, 70]) },
      island,
    );
    const clean = rectangle([0, 0, 39, 39], { predictedIou: 0.9 });
    const selection = { ...settings, minMaskRegionArea: 5 };
    const kept = selectMasks([cleaned, clean], selection, "official");
    expect(kept.map(({ predictedIou, area }) => [predictedIou, area])).toEqual([[0.9, 1600]]);
  });

  it("drops masks of 95 % of the image, and of small regions only, in behaviour paper", () => {
    const all = rectangle([0, 0, 99, 75]); // 7600 of 8000 pixels: 95 %
    const nearlyAll = rectangle([0, 0, 99, 74]);
    const small = rectangle([0, 0, 8, 9], {}); // 90 pixels
    expect(boxes([all, small], { boxNmsThresh: 1, minMaskRegionArea: 100 }, "paper")).toEqual([]);
    expect(boxes([nearlyAll], { minMaskRegionArea: 100 }, "paper")).toEqual([[0, 0, 100, 75]]);
    const hole = (mask: Mask) => mask.data.set([0], 20 * size.width + 20);
    const island = (mask: Mask) => mask.data.set([1], 70 * size.width + 90);
    const untidy = rectangle([0, 0, 39, 39], { boxXyxy: inclusiveBox([0, 0, 90, 70]) }, (mask) => {
      hole(mask);
      island(mask);
    });
    expect(selectMasks([untidy], { ...settings, minMaskRegionArea: 100 }, "paper")).toMatchObject([
      { area: 1600, bboxXywh: [0, 0, 40, 40] },
    ]);
  });

  it("keeps an empty mask, with an empty box, unless small ones are to be dropped", () => {
    const nothing = rectangle([0, 0, 0, 0], {}, (mask) => mask.data.fill(0));
    for (const behaviour of ["official", "paper"] as const)
      expect(boxes([nothing], {}, behaviour)).toEqual([[0, 0, 0, 0]]);
    expect(boxes([nothing], { minMaskRegionArea: 1 }, "paper")).toEqual([]);
  });
});
