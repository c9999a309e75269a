import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const colours = (...pixels: number[][]) =>
  encode({ width: 2, height: 2, data: Uint8Array.from(pixels.flat()), channels: 3, depth: 8 });

it("CamVid: regions by the colours of a table, in both of its forms", async () => {
  const map = colours([0, 0, 0], [192, 0, 128], [64, 64, 0], [64, 64, 0]);
  for (const table of [
    { "label_colors.txt": "192 0 128\tArchway\n64 64 0\t\tCar\n0 0 0\tVoid\n" },
    { "class_dict.csv": "name,r,g,b\nArchway,192,0,128\nCar,64,64,0\nVoid,0,0,0\n" },
  ] as Record<string, string>[]) {
    const { format, images } = await readSet({
      ...table,
      "train/a.png": await makePng(2, 2),
      "train_labels/a_L.png": map,
    });
    expect(format).toBe("camvid");
    expect(images).toEqual([["train/a.png", true, ["Archway 1", "Car 2"]]]);
  }
});

it("CamVid: a colour of no class is named with its pixel", async () => {
  const { problems } = await readSet({
    "label_colors.txt": "192 0 128 Archway\n",
    "valannot/a.png": colours([192, 0, 128], [1, 2, 3], [1, 2, 3], [1, 2, 3]),
  });
  expect(problems).toEqual([expect.stringMatching(/pixel 1, 0 has the colour 1,2,3, which is of no class/)]);
});
