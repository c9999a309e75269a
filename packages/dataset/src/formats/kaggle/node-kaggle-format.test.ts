import { decodeRle } from "@segany/masks";
import { expect, it } from "vitest";
import { drawMask, makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

it("Kaggle: run lengths by columns, images without an object, names with classes in them", async () => {
  const table = "ImageId,EncodedPixels\na,2 2 7 1\nb.png,\na,1 1\na,9 9\na,3 x\n";
  const { format, images, problems, records } = await readSet({
    "train.csv": table,
    "train_images/a.png": await makePng(4, 3),
    "train_images/b.png": await makePng(4, 3),
  });
  expect(format).toBe("kaggle");
  expect(images).toEqual([
    ["train_images/a.png", true, ["- 3", "- 1"]],
    ["b.png", true, []],
  ]);
  expect(decodeRle(records[0]!.annotations[0]!.segmentation!)).toEqual(drawMask("..#.", "#...", "#..."));
  expect(problems).toEqual([
    expect.stringMatching(/line 5: the run \[9,9\]/),
    expect.stringMatching(/line 6: the run \[3,null\]/),
  ]);
  const joined = await readSet({
    "train.csv": "ImageId_ClassId,EncodedPixels\na.png_1,1 2\na.png_4,5 1\n",
    "a.png": await makePng(4, 3),
  });
  expect(joined.images).toEqual([["a.png", true, ["1 2", "4 1"]]]);
});
