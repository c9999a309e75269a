/** Sets as people have them: what can be used is read, and what can't is counted and named. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rleArea } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { convert } from "../convert/convert.js";
import { openDataset } from "../convert/open-dataset.js";
import { makePng } from "../testing/make-records.js";
import { lay, lossesOf } from "../testing/mask-sets.js";
import { readSet } from "../testing/read-set.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { validate } from "../validate/validate.js";

const image = { id: 1, file_name: "a.png", width: 40, height: 30 };
const square = [4, 4, 24, 4, 24, 14, 4, 14]; // 200 pixels

const coco = (annotations: object[], others: object = {}) =>
  JSON.stringify({ images: [image], categories: [{ id: 1, name: "cat" }], annotations, ...others });
const mark = (fields: object) => ({ id: 1, image_id: 1, category_id: 1, iscrowd: 0, ...fields });

describe("COCO", () => {
  it.each([
    ["a box alone", { segmentation: [], bbox: [1, 2, 3, 4] }, "cat [1,2,3,4]", {}],
    [
      "no field for a mask",
      { bbox: [1, 2, 3, 4], keypoints: [1, 2, 2], num_keypoints: 1 },
      "cat [1,2,3,4]",
      {},
    ],
    [
      "a stray part of two points",
      { segmentation: [square, [1, 1, 2, 2]] },
      "cat 200",
      { partsWithoutArea: 1 },
    ],
    ["a polygon that is no list of its own", { segmentation: square }, "cat 200", {}],
    [
      "a negative box beside a mask",
      { segmentation: [square], bbox: [4, 4, -1, 5] },
      "cat 200",
      { boxesBeyondMask: 1 },
    ],
    ["no points", { segmentation: [square], point_coords: [[]] }, "cat 200", {}],
    ["ids as texts", { id: "64.0", image_id: "1", category_id: "1", segmentation: [square] }, "cat 200", {}],
  ])("%s is read", async (_, fields, shape, lost) => {
    const { images, losses, problems } = await readSet({
      "annotations.json": coco([mark(fields)], { info: null, licenses: null }),
      "images/a.png": await makePng(40, 30),
    });
    expect(problems).toEqual([]);
    expect(images).toEqual([["a.png", true, [shape]]]);
    expect(losses).toEqual(lost);
  });

  it("Roboflow's parts stay parts in YOLO, whose data.yaml names them", async () => {
    const path = await makeTemporaryFolder();
    const name = "a_png.rf.0f1e.png";
    for (const part of ["train", "valid", "test"])
      await lay(join(path, "export", part), {
        "_annotations.coco.json": coco([mark({ segmentation: [square] })], {
          images: [{ ...image, file_name: name }],
        }),
        [name]: await makePng(40, 30),
      });
    await convert(await openDataset(join(path, "export")), "yolo", join(path, "yolo"));
    expect(await readFile(join(path, "yolo", "data.yaml"), "utf8")).toBe(
      'train: images/train\nval: images/valid\ntest: images/test\nnames:\n  - "cat"\n',
    );
    for (const part of ["train", "valid", "test"])
      expect(await readFile(join(path, `yolo/labels/${part}/a_png.rf.0f1e.txt`), "utf8")).toMatch(/^0 0\.6/);
    const { images, counts } = await validate(join(path, "yolo"));
    expect([images, counts]).toEqual([3, {}]);
  });

  it("neither mask nor box, half a corner and an unknown class are set aside, and the rest goes on", async () => {
    const { images, problems } = await readSet({
      "annotations.json": coco([
        mark({ segmentation: [] }),
        mark({ segmentation: [[...square, 1]] }),
        mark({ segmentation: [square], category_id: 7 }),
        mark({ id: 2 ** 60, segmentation: [square] }),
        mark({ segmentation: [square] }),
      ]),
    });
    expect(images[0]![2]).toEqual(["cat 200"]);
    expect(problems).toHaveLength(4);
    expect(problems[3]).toMatch(/field "id" is 1152921504606847000, but must be a whole number/);
  });

  it.each([
    "./a.png",
    "images/a.png",
    "images\\a.png",
    "A.PNG",
    "/data/set/a.png",
    "C:\\set\\a.png",
    "https://host/x/a.png?token=1",
    "s3://bucket/a.png",
    "%61.png",
  ])("finds the image of the name %j", async (file_name) => {
    const { images } = await readSet({
      "annotations.json": JSON.stringify({
        images: [{ ...image, file_name }],
        annotations: [],
        categories: [],
      }),
      "images/a.png": await makePng(40, 30),
    });
    expect(images.map(([, hasFile]) => hasFile)).toEqual([true]);
  });

  it.each([
    [
      "Roboflow's parts",
      { "train/_annotations.coco.json": "train/a.png", "valid/_annotations.coco.json": "valid/a.png" },
    ],
    [
      "official parts",
      {
        "annotations/instances_train.json": "images/train/a.png",
        "annotations/instances_val.json": "val/a.png",
      },
    ],
  ])("%s are one set", async (_, parts) => {
    const files: Record<string, string | Uint8Array> = {};
    for (const [json, file] of Object.entries(parts)) {
      files[json] = coco([mark({ segmentation: [square] })]);
      files[file] = await makePng(40, 30);
    }
    const { images } = await readSet(files);
    expect(images.map(([name, hasFile, objects]) => [name, hasFile, objects])).toEqual([
      ["train/a.png", true, ["cat 200"]],
      [expect.stringMatching(/^val(id)?\/a\.png$/), true, ["cat 200"]],
    ]);
  });

  it.each(["labels.json", "result.json"])("a file called %s is found", async (name) => {
    const { format, images } = await readSet({
      [name]: coco([mark({ segmentation: [square] })]),
      "data/a.png": await makePng(40, 30),
    });
    expect([format, images]).toEqual(["coco", [["a.png", true, ["cat 200"]]]]);
  });
});

describe("boxes without masks", () => {
  const set = async () => {
    const path = await makeTemporaryFolder();
    await lay(path, {
      "annotations.json": coco([mark({ bbox: [4, 6, 20, 12] }), mark({ id: 2, segmentation: [square] })]),
      "images/a.png": await makePng(40, 30),
    });
    return openDataset(path);
  };

  it.each(["coco", "voc", "labelme"])("are written as %s", async (format) => {
    const out = join(await makeTemporaryFolder(), "out");
    const report = await convert(await set(), format, out);
    expect(report.annotations).toBe(2);
    expect(lossesOf(report).bareBoxes).toBeUndefined();
    const back = [];
    for await (const { annotations } of (await openDataset(out)).records()) back.push(...annotations);
    expect(back.map(({ bboxXywh }) => bboxXywh)).toContainEqual([4, 6, 20, 12]);
    expect(back.filter(({ segmentation }) => segmentation === undefined)).toHaveLength(
      format === "labelme" ? 0 : 1,
    );
  });

  it.each(["sa1b", "png", "labelmap", "semantic", "yolo"])(
    "are a loss of %s beside masks",
    async (format) => {
      const report = await convert(await set(), format, join(await makeTemporaryFolder(), "out"));
      expect(lossesOf(report).bareBoxes).toBe(1);
    },
  );

  it("alone in an image are YOLO's boxes", async () => {
    const path = await makeTemporaryFolder();
    await lay(path, {
      "annotations.json": coco([mark({ bbox: [4, 6, 20, 12] })]),
      "images/a.png": await makePng(40, 30),
    });
    const out = join(path, "out");
    const report = await convert(await openDataset(path), "yolo", out);
    expect(lossesOf(report).bareBoxes).toBeUndefined();
    for await (const { annotations } of (await openDataset(out)).records())
      expect(annotations).toMatchObject([{ bboxXywh: [4, 6, 20, 12], area: 240 }]);
  });
});

describe("YOLO", () => {
  const yolo = async (labels: string, yaml = "names: [cat]\n") =>
    readSet({
      "data.yaml": yaml,
      "images/a.png": await makePng(40, 30),
      "labels/a.txt": labels,
      "labels/z.txt": labels,
    });
  const box = "0 0.5 0.5 0.8 0.4"; // 32 x 12 pixels

  it.each([
    ["a box", box, undefined, "cat [4,9,32,12]", {}],
    [
      "a pose by its visibilities",
      `${box} 0.1 0.1 2 0.9 0.9 1 0.5 0.2 0`,
      undefined,
      "cat [4,9,32,12]",
      { keypoints: 3 },
    ],
    [
      "a pose by data.yaml",
      `${box} 0.1 0.1 0.9 0.9`,
      "names: [cat]\nkpt_shape: [2, 2]\n",
      "cat [4,9,32,12]",
      { keypoints: 2 },
    ],
    ["a confidence", `${box} 0.75`, undefined, "cat [4,9,32,12]", {}],
    ["a confidence and a track", `${box} 0.75 12`, undefined, "cat [4,9,32,12]", {}],
    ["an oriented box", "0 0.1 0.2 0.6 0.2 0.6 0.6 0.1 0.6", undefined, "cat 240", {}],
  ])("%s is read as such", async (_, line, yaml, shape, lost) => {
    const { images, losses, problems } = await yolo(`${line}\n`, yaml);
    expect(problems).toEqual([]);
    expect(images).toEqual([["a.png", true, [shape]]]);
    expect(losses).toEqual({ ...lost, unclaimedFiles: 1 });
  });

  it("boxes among polygons, and a line of an unknown class", async () => {
    const { images, problems } = await yolo(`${box}\n0 0.1 0.2 0.6 0.2 0.6 0.6\n9 0.5 0.5 0.1 0.1\n`);
    expect(images[0]![2]).toEqual(["cat [4,9,32,12]", expect.stringMatching(/^cat 1[0-9]{2}$/)]);
    expect(problems).toEqual([expect.stringMatching(/a\.txt, line 3: the class is "9"/)]);
  });

  it("Darknet's and LabelImg's labels lie beside their images", async () => {
    const darknet = await readSet({
      "obj.names": "cat\n",
      "obj.data": "classes = 1\n",
      "obj_train_data/a.png": await makePng(40, 30),
      "obj_train_data/a.txt": box,
    });
    const labelImg = await readSet({
      "classes.txt": "\ufeffcat\r\n",
      "a.png": await makePng(40, 30),
      "a.txt": box,
    });
    expect([darknet.format, darknet.images]).toEqual(["yolo", [["train/a.png", true, ["cat [4,9,32,12]"]]]]);
    expect(labelImg.images).toEqual([["a.png", true, ["cat [4,9,32,12]"]]]);
  });
});

describe("LabelMe", () => {
  it("lines and points are counted, rotated boxes are outlines, and validate is not silent about them", async () => {
    const shape = (shape_type: string, ...points: number[][]) => ({ label: "cat", shape_type, points });
    const content = {
      imagePath: "C:\\photos\\a.png",
      imageWidth: 40,
      imageHeight: 30,
      shapes: [
        shape("linestrip", [1, 1], [2, 2]),
        shape("point", [1, 1]),
        shape("rotation", [4, 4], [24, 4], [24, 14], [4, 14]),
        shape("rectangle", [4, 4], [24, 4], [24, 14], [4, 14]),
      ],
    };
    const { images, losses, path } = await readSet({
      "a.json": JSON.stringify(content),
      "a.png": await makePng(40, 30),
    });
    expect(images).toEqual([["a.png", true, ["cat 200", "cat 200"]]]);
    expect(losses).toEqual({ keypoints: 1, lines: 1 });
    expect((await validate(path)).counts).toEqual({ "not-read": 2 });
  });
});

describe("detection", () => {
  it("says what is there and why near formats are refused", async () => {
    const path = await makeTemporaryFolder();
    await lay(path, {
      "images/a.png": await makePng(4, 4),
      "labels/a.txt": "0 0.5 0.5 0.1 0.1\n",
      "x.tfrecord": "x",
    });
    const error = await openDataset(path).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "format-unknown" });
    const { message } = error as Error;
    expect(message).toContain("Found: folders images (1 .png), labels (1 .txt); files x.tfrecord.");
    expect(message).toContain(
      "Not yolo: it has labels such as labels/a.txt, but none of the files data.yaml",
    );
    expect(message).toContain("TFRecord files, which are not read");
  });
});

it("missing image files are counted and named", async () => {
  const path = await makeTemporaryFolder();
  await lay(path, { "annotations.json": coco([mark({ segmentation: [square] })]) });
  const report = await convert(await openDataset(path), "coco", join(path, "out"));
  expect(report.missingImages).toEqual({ count: 1, names: ["a.png"] });
  const without = await convert(await openDataset(path), "coco", join(path, "out2"), { images: "none" });
  expect(without.missingImages.count).toBe(0);
  let area = 0;
  for await (const { annotations } of (await openDataset(join(path, "out"))).records())
    for (const { segmentation } of annotations) area += segmentation ? rleArea(segmentation) : 0;
  expect(area).toBe(200);
});
