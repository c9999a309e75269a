import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

it("Cityscapes: objects and regions of instance maps, the image of each city's name", async () => {
  const data = Uint16Array.from([0, 26_000, 26_001, 7, 7, 3]);
  const { format, images, records } = await readSet({
    "gtFine/val/bonn/bonn_1_2_gtFine_instanceIds.png": encode({
      width: 3,
      height: 2,
      data,
      channels: 1,
      depth: 16,
    }),
    "gtFine/val/bonn/bonn_1_2_gtFine_labelIds.png": encode({
      width: 3,
      height: 2,
      data: new Uint8Array(6),
      channels: 1,
      depth: 8,
    }),
    "leftImg8bit/val/bonn/bonn_1_2_leftImg8bit.png": await makePng(3, 2),
  });
  expect(format).toBe("cityscapes");
  expect(images).toEqual([["val/bonn/bonn_1_2_leftImg8bit.png", true, ["road 2", "car 1", "car 1"]]]);
  expect(records[0]!.annotations[0]!.isThing).toBe(false);
});
