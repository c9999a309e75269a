import type { Annotation } from "@segany/dataset/formats";
import { runsToRle } from "@segany/masks";
import { expect, it } from "vitest";
import { drawnShape } from "../testing/document-parts.js";
import { formatMaskTable } from "./mask-table.js";

const { segmentation, areaPx, boxXywh } = drawnShape("", ".##");
const MASK: Annotation = {
  id: 1,
  segmentation: runsToRle(segmentation),
  area: areaPx,
  bboxXywh: boxXywh,
  isCrowd: false,
};

it("has Meta's columns, fields left empty that are not known, and classes in quotes", () => {
  const masks: Annotation[] = [
    { ...MASK, predictedIou: 0.5, stabilityScore: 0.25, pointCoords: [[1.5, 1]] },
    { ...MASK, id: 2 },
  ];
  const names = ['a "b", c', "line\nbreak"];
  expect(formatMaskTable(masks, ({ id }) => names[id - 1]!)).toBe(
    [
      "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,category",
      '0,2,1,1,2,1,1.5,1,0.5,0.25,"a ""b"", c"',
      '1,2,1,1,2,1,,,,,"line\nbreak"',
      "",
    ].join("\n"),
  );
});
