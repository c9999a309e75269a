import { expect, it } from "vitest";
import { foundMaskOf } from "./found-mask.js";

const RECORD = {
  segmentation: { size: [6, 8] as const, counts: "52Y1" },
  area: 2,
  bboxXywh: [0, 5, 0, 1] as const,
  predictedIou: 0.9,
  pointCoords: [[1, 1] as const],
  stabilityScore: 0.95,
  cropBoxXywh: [0, 0, 8, 6] as const,
};

it("a found mask is measured by its pixels, as Meta's boxes are one short", () => {
  expect(foundMaskOf(RECORD)).toEqual({
    segmentation: { width: 8, height: 6, counts: Uint32Array.of(5, 2, 41) },
    areaPx: 2,
    boxXywh: [0, 0, 2, 6],
    predictedIou: 0.9,
    stabilityScore: 0.95,
    points: [[1, 1]],
  });
});

it("a damaged one is refused when it comes, and not when it is drawn", () => {
  const damaged = { ...RECORD, segmentation: { size: [6, 8] as const, counts: "529" } };
  expect(() => foundMaskOf(damaged)).toThrow(/the runs cover 16 pixels/);
});
