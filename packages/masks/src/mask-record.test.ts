import { expect, it } from "vitest";
import { fromMaskRecordJson, toMaskRecordJson } from "./mask-record.js";

const json = {
  segmentation: { size: [4, 6] as const, counts: "5220007" },
  area: 6,
  bbox: [1, 1, 3, 2] as const,
  predicted_iou: 0.9,
  point_coords: [[2, 2]] as const,
  stability_score: 0.95,
  crop_box: [0, 0, 5, 4] as const,
};

it("a record in a file has Meta's names", () => {
  const record = fromMaskRecordJson(json);
  expect(record).toEqual({
    segmentation: json.segmentation,
    area: 6,
    bboxXywh: [1, 1, 3, 2],
    predictedIou: 0.9,
    pointCoords: [[2, 2]],
    stabilityScore: 0.95,
    cropBoxXywh: [0, 0, 5, 4],
  });
  expect(toMaskRecordJson(record)).toEqual(json);
});
