import { deflateSync } from "node:zlib";
import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const size = { width: 40, height: 30 };

/** A bitmap as Supervisely's SDK packs it. */
const packed = (png: Uint8Array) => deflateSync(png).toString("base64");
const grey = (width: number, height: number, inside: (x: number, y: number) => boolean) =>
  packed(
    encode({
      width,
      height,
      channels: 1,
      data: Uint8Array.from({ length: width * height }, (_, i) =>
        inside(i % width, Math.floor(i / width)) ? 255 : 0,
      ),
    }),
  );
const rgba = (width: number, height: number, alpha: readonly number[]) =>
  packed(
    encode({ width, height, channels: 4, data: Uint8Array.from(alpha.flatMap((value) => [9, 9, 9, value])) }),
  );

const object = (geometryType: string, rest: object, classTitle = "cat") => ({
  id: 1_102_342_231,
  classId: 7,
  description: "",
  geometryType,
  labelerLogin: "ann",
  createdAt: "2024-01-01T00:00:00.000Z",
  tags: [],
  classTitle,
  ...rest,
});
const bitmap = (data: string, origin: unknown = [3, 4]) => object("bitmap", { bitmap: { data, origin } });
const polygon = (exterior: unknown, interior: unknown = []) =>
  object("polygon", { points: { exterior, interior } });
const square = [
  [4, 4],
  [24, 4],
  [24, 14],
  [4, 14],
];
const hole = [
  [6, 6],
  [10, 6],
  [10, 10],
  [6, 10],
];
const file = (...objects: object[]) => JSON.stringify({ description: "", tags: [], size, objects });
const meta = JSON.stringify({
  classes: [
    { title: "cat", shape: "any", color: "#A8FF00", geometry_config: {}, id: 7, hotkey: "" },
    { title: "dog", shape: "rectangle", color: "#00FF00", id: 8 },
  ],
  tags: [],
  projectType: "images",
});

it("Supervisely: bitmaps, polygons with holes and rectangles of several data sets", async () => {
  const { format, images, records, problems, losses } = await readSet({
    "meta.json": meta,
    "ds0/img/a.png": await makePng(40, 30),
    "ds0/ann/a.png.json": file(
      bitmap(grey(5, 4, (x, y) => x + y > 0)),
      bitmap(rgba(2, 2, [255, 255, 255, 0]), [38, 28]),
      bitmap(rgba(2, 1, [255, 255])),
      bitmap(rgba(3, 1, [1, 0, 200])),
      bitmap(
        Buffer.from(encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 0) })).toString(
          "base64",
        ),
      ),
      polygon(square, [hole]),
      object(
        "rectangle",
        {
          points: {
            exterior: [
              [10, 5],
              [29, 16],
            ],
            interior: [],
          },
        },
        "dog",
      ),
      object("line", {
        points: {
          exterior: [
            [1, 1],
            [2, 2],
          ],
          interior: [],
        },
      }),
      object("point", { points: { exterior: [[1, 1]], interior: [] } }),
      object("alpha_mask", { bitmap: { data: rgba(3, 1, [0, 100, 200]), origin: [0, 0] } }),
    ),
    "ds1/img/a.png": await makePng(40, 30),
    "ds1/ann/a.png.json": file({ ...polygon(square), tags: [{ name: "blurred", value: null }] }),
  });
  expect(format).toBe("supervisely");
  expect(problems).toEqual([]);
  expect(images).toEqual([
    [
      "ds0/a.png",
      true,
      ["cat 19", "cat 3", "cat 2", "cat 2", "cat 1", "cat 184", "dog [10,5,20,12]", "cat 1"],
    ],
    ["ds1/a.png", true, ["cat 200"]],
  ]);
  expect(losses).toEqual({ keypoints: 1, lines: 1, softPixels: 1 });
  const [first] = records[0]!.annotations;
  expect(first).toMatchObject({ id: 1, annotator: "ann", bboxXywh: [3, 4, 5, 4] });
  const [tagged] = records[1]!.annotations;
  expect(tagged!.extra).toEqual({ tags: [{ name: "blurred", value: null }] });
  expect(tagged!.polygons).toEqual([square.flat()]);
});

it("Supervisely: a data set alone, with names of before 2019, and classes of the objects", async () => {
  const { format, images, losses } = await readSet({
    "img/a.jpeg": await makePng(40, 30),
    "img/unlabelled.jpeg": await makePng(40, 30),
    "ann/a.json": file(polygon(square)),
    "ann/lost.json": file(),
  });
  expect([format, images]).toEqual([
    "supervisely",
    [
      ["a.jpeg", true, ["cat 200"]],
      ["lost", false, []],
    ],
  ]);
  expect(losses).toEqual({ unclaimedImages: 1 });
});

it("Supervisely: objects that can't be are set aside, and bombs are not unpacked", async () => {
  const bomb = deflateSync(new Uint8Array(2 ** 24)).toString("base64");
  const { images, problems } = await readSet({
    "meta.json": meta,
    "ds0/img/a.png": await makePng(40, 30),
    "ds0/ann/a.png.json": file(
      bitmap(bomb),
      bitmap("####"),
      bitmap(packed(Uint8Array.of(1, 2, 3))),
      bitmap(
        grey(41, 2, () => true),
        [0, 0],
      ),
      bitmap(
        grey(5, 4, () => true),
        [38, 4],
      ),
      bitmap(
        grey(5, 4, () => true),
        [-1, 4],
      ),
      bitmap(
        grey(5, 4, () => true),
        null,
      ),
      polygon([
        [1, 2],
        [3, "x"],
      ]),
      polygon(null),
      object("rectangle", { points: { exterior: square, interior: [] } }),
      object("hologram", {}),
      object("polygon", { points: { exterior: square, interior: [] } }, "cow"),
      object("bitmap", {}),
      polygon(square),
    ),
    "ds0/img/b.png": await makePng(40, 30),
    "ds0/ann/b.png.json": JSON.stringify({ size: { width: 1e9, height: 1e9 }, objects: [] }),
  });
  expect(images).toEqual([["ds0/a.png", true, ["cat 200"]]]);
  expect(problems).toHaveLength(14);
  for (const [i, reason] of [
    /can't be unpacked/,
    /can't be unpacked/,
    /no PNG/,
    /larger than the image/,
  ].entries())
    expect(problems[i]).toMatch(reason);
  expect(problems[11]).toMatch(/object 12: the class "cow" is not one of meta\.json/);
  expect(problems[13]).toMatch(/b\.png\.json: field "size": the image is 1000000000x1000000000/);
});

it("Supervisely: a project without annotations is named as such", async () => {
  await expect(readSet({ "meta.json": meta, "ds0/img/a.png": await makePng(4, 4) })).rejects.toMatchObject({
    message: expect.stringContaining("Not supervisely: it has meta.json, but no"),
  });
});
