import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

it("KITTI: boxes, and regions that are not labelled", async () => {
  const { format, images, problems, records } = await readSet({
    "training/image_2/000001.png": await makePng(8, 6),
    "training/label_2/000001.txt":
      "Car 0.50 1 1.85 1.00 2.00 4.50 5.00 1.67 1.87 3.69 -16.53 2.39 58.49 1.57\nDontCare -1 -1 -10 0.0 0.0 2.0 2.0 -1 -1 -1 -1000 -1000 -1000 -10\nCar 0 0 0 5 5 1 1\n",
  });
  expect(format).toBe("kitti");
  expect(images).toEqual([["training/000001.png", true, ["Car [1,2,3.5,3]"]]]);
  expect(records[0]!.annotations[0]!.extra).toEqual({ truncated: 0.5, occluded: 1 });
  expect(records[0]!.ignoreRegions).toHaveLength(1);
  expect(problems).toEqual([expect.stringMatching(/000001\.txt, line 3: .* is no object/)]);
});

it("KITTI: objects of 16-bit maps, with Cityscapes' classes", async () => {
  const data = Uint16Array.from([0, 26 * 256 + 1, 26 * 256 + 2, 23 * 256, 23 * 256, 1]);
  const { images, records } = await readSet({
    "image_2/a.png": await makePng(3, 2),
    "instance/a.png": encode({ width: 3, height: 2, data, channels: 1, depth: 16 }),
  });
  expect(images).toEqual([["a.png", true, ["sky 2", "car 1", "car 1"]]]);
  expect(records[0]!.annotations.map(({ isThing }) => isThing)).toEqual([false, undefined, undefined]);
});
