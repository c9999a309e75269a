import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const header = "imagesource:GoogleEarth\ngsd:0.146343590398\n";

it("DOTA: corners, classes and difficulty of parts, with the remarks at the top", async () => {
  const { format, images, records, problems, losses } = await readSet({
    "train/images/P0001.png": await makePng(40, 30),
    "train/labelTxt/P0001.txt": `${header}4 4 24 4 24 14 4 14 large-vehicle 1\n10.5 0.5 20.5 10.5 10.5 20.5 0.5 10.5 ship 0\n`,
    "val/images/P0002.png": await makePng(40, 30),
    "val/labelTxt/P0002.txt": header,
  });
  expect(format).toBe("dota");
  expect([problems, losses]).toEqual([[], {}]);
  expect(images).toEqual([
    ["train/P0001.png", true, ["large-vehicle 200", expect.stringMatching(/^ship (19\d|20\d|21\d)$/)]],
    ["val/P0002.png", true, []],
  ]);
  expect(records[0]!.annotations.map(({ id, extra }) => [id, extra])).toEqual([
    [1, { difficult: 1 }],
    [2, undefined],
  ]);
  expect(records[0]!.annotations[0]!.polygons).toEqual([[4, 4, 24, 4, 24, 14, 4, 14]]);
});

it("MMRotate's annfiles, without difficulty, with images in a folder that is named", async () => {
  const { format, images, losses } = await readSet({
    "annfiles/a.txt": "4 4 24 4 24 14 4 14 ship\n",
    "images/a.jpg": await makePng(40, 30),
    "images/without-labels.jpg": await makePng(40, 30),
  });
  expect([format, images]).toEqual(["dota", [["a.jpg", true, ["ship 200"]]]]);
  expect(losses).toEqual({ unclaimedImages: 1 });
});

it("DOTA: lines that are none are set aside, and the rest goes on", async () => {
  const { images, problems } = await readSet({
    "images/a.png": await makePng(40, 30),
    "images/lost.png": "",
    "labelTxt/a.txt": [
      "4 4 24 4 24 14 4 14 ship 0",
      "4 4 24 4 24 14 ship 0",
      "4 4 24 4 24 14 4 nan ship 0",
      "4 4 24 4 24 14 4 14",
      "1e308 4 -1e308 4 1e308 14 -1e308 14 ship 0",
      "",
    ].join("\n"),
    "labelTxt/gone.txt": "4 4 24 4 24 14 4 14 ship 0\n",
    "labelTxt/lost.txt": "4 4 24 4 24 14 4 14 ship 0\n",
  });
  expect(images).toEqual([["a.png", true, ["ship 200"]]]);
  expect(problems).toEqual([
    expect.stringMatching(/a\.txt, line 2: .* needs x and y of four corners and a class/),
    expect.stringMatching(/a\.txt, line 3: /),
    expect.stringMatching(/a\.txt, line 4: /),
    expect.stringMatching(/a\.txt, line 5: /),
    expect.stringMatching(/gone\.txt: the image "gone" is not there/),
    expect.stringMatching(/lost\.png" is empty/),
  ]);
});

it("labels of another format in such a folder are no DOTA, and why is said", async () => {
  await expect(
    readSet({ "labelTxt/a.txt": "0 0.5 0.5 0.1 0.1\n", "images/a.png": await makePng(4, 4) }),
  ).rejects.toMatchObject({
    code: "format-unknown",
    message: expect.stringContaining("Not dota: its labelTxt/a.txt has no line of eight numbers and a class"),
  });
});
