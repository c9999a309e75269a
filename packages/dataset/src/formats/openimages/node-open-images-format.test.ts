import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

it("Open Images: boxes as parts of the sides, names of classes, groups as crowds", async () => {
  const head =
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside";
  const { format, images, problems, records } = await readSet({
    "train-annotations-bbox.csv": `${head}\n0a,xclick,/m/01,1,0.25,0.75,0,0.5,1,0,0,0,0\n0a,xclick,/m/02,1,0,1,0,1,0,0,1,0,0\n0a,xclick,/m/02,1,0,2,0,1,0,0,1,0,0\n`,
    "class-descriptions-boxable.csv": '/m/01,"Cat, small"\n/m/02,Dog\n',
    "train/0a.png": await makePng(8, 4),
  });
  expect(format).toBe("openimages");
  expect(images).toEqual([["train/0a.png", true, ["Cat, small [2,0,4,2]", "Dog [0,0,8,4]"]]]);
  expect(records[0]!.annotations.map(({ isCrowd }) => isCrowd)).toEqual([false, true]);
  expect(problems).toEqual([expect.stringMatching(/line 4: XMax is "2"/)]);
});
