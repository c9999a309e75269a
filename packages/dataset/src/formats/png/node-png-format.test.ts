import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.js";
import { exampleMasks, makeAnnotation, makeImage } from "../../testing/make-records.js";
import { writeAndRead } from "../../testing/mask-sets.js";
import { datasetFromRecords } from "../memory-dataset.js";
import { pngFormat } from "./node-png-format.js";

describe("PNG masks", () => {
  it("png keeps scores, points, boxes, crowd flags and annotators", async () => {
    const annotation = makeAnnotation(exampleMasks.ring, {
      id: 77,
      area: 9,
      bboxXywh: [1.5, 1, 3, 3],
      isCrowd: true,
      predictedIou: 0.875,
      stabilityScore: 0.9,
      cropBoxXywh: [0, 0, 6, 5],
      pointCoords: [
        [1.5, 2],
        [3, -0.25],
      ],
      annotator: "b",
    });
    const dataset = datasetFromRecords([{ image: await makeImage(1), annotations: [annotation] }]);
    const { back } = await writeAndRead(dataset, pngFormat);
    expect((await collect(back))[0]!.annotations).toEqual([annotation]);
  });
});
