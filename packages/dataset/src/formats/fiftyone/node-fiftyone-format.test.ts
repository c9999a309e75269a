import { deflateSync } from "node:zlib";
import { writeNpy } from "@segany/graph/weights";
import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

/** A mask as FiftyOne packs it: numpy.save in zlib. */
const packed = (rows: readonly string[], on = 1) =>
  deflateSync(
    writeNpy({
      shape: [rows.length, rows[0]!.length],
      data: Uint8Array.from(rows.join(""), (letter) => (letter === "#" ? on : 0)),
    }),
  ).toString("base64");
const binary = (base64: string) => ({ $binary: { base64, subType: "00" } });

const detection = (label: string, bounding_box: readonly unknown[], rest: object = {}) => ({
  _id: { $oid: "65a1b2c3d4e5f60718293a4b" },
  _cls: "Detection",
  attributes: {},
  tags: [],
  label,
  bounding_box,
  mask: null,
  mask_path: null,
  confidence: null,
  index: null,
  ...rest,
});
const sample = (filepath: string, rest: object, size = { width: 40, height: 20 }) => ({
  _id: { $oid: "65a1b2c3d4e5f60718293a4c" },
  _media_type: "image",
  _rand: 0.5,
  filepath,
  tags: ["validation"],
  metadata: { _cls: "ImageMetadata", size_bytes: 9, mime_type: "image/png", ...size, num_channels: 3 },
  ...rest,
});
const detections = (...list: object[]) => ({ _cls: "Detections", detections: list });
const samples = (...list: object[]) => JSON.stringify({ samples: list });

it("FiftyOne: boxes and masks of its own export, in the JSON and in files, and of the truth's field alone", async () => {
  const { format, images, records, problems, losses } = await readSet({
    "metadata.json": JSON.stringify({ name: "quickstart", default_classes: ["dog", "cat"], classes: {} }),
    "samples.json": samples(
      sample("data/a.png", {
        ground_truth: detections(
          detection("cat", [0.25, 0.1, 0.1, 0.1], { mask: binary(packed([".###", "####"])) }),
          detection("cat", [0.25, 0.1, 0.2, 0.1], { mask: { $binary: packed(["#."]), $type: "00" } }),
          detection("dog", [0.1, 0.5, 0.05, 0.2], { mask_path: "fields/ground_truth/m.png" }),
          detection("dog", [0.5, 0.5, 0.25, 0.25], { iscrowd: 1, confidence: 0.75, weather: "rain" }),
        ),
        predictions: detections(detection("dog", [0, 0, 0.5, 0.5])),
        scene: { _cls: "Classification", label: "street" },
        pose: { _cls: "Keypoints", keypoints: [] },
      }),
      sample("data/b.png", { ground_truth: null }),
      { ...sample("data/c.mp4", {}), _media_type: "video" },
    ),
    "data/a.png": await makePng(40, 20),
    "data/b.png": await makePng(40, 20),
    "fields/ground_truth/m.png": encode({
      width: 2,
      height: 4,
      channels: 1,
      data: Uint8Array.of(255, 0, 255, 0, 0, 0, 0, 0),
    }),
  });
  expect(format).toBe("fiftyone");
  expect(problems).toEqual([]);
  expect(images).toEqual([
    ["a.png", true, ["cat 7", "cat 8", "dog 2", "dog [20,10,10,5]"]],
    ["b.png", true, []],
  ]);
  const [masked, , , crowd] = records[0]!.annotations;
  expect(masked).toMatchObject({ id: 1, bboxXywh: [10, 2, 4, 2] });
  expect(masked!.extra).toBeUndefined();
  expect(crowd).toMatchObject({ isCrowd: true, extra: { confidence: 0.75, weather: "rain" } });
  expect(losses).toEqual({ imageTags: 1, keypoints: 1, otherAnnotators: 1, videoFrames: 1 });
});

it("FiftyOne: polylines with an area, and maps of classes by the names of their numbers", async () => {
  const points = [
    [
      [0.1, 0.2],
      [0.6, 0.2],
      [0.6, 0.7],
      [0.1, 0.7],
    ],
  ];
  const polyline = (rest: object) => ({ _cls: "Polyline", label: "lane", points, ...rest });
  const { images, losses } = await readSet({
    "samples.json": samples(
      sample("data/a.png", {
        lanes: {
          _cls: "Polylines",
          polylines: [polyline({ closed: true, filled: true }), polyline({ closed: false, filled: false })],
        },
      }),
    ),
    "data/a.png": await makePng(40, 20),
  });
  expect(images).toEqual([["a.png", true, ["lane 200"]]]);
  expect(losses).toEqual({ lines: 1 });

  const map = { _cls: "Segmentation", mask: binary(packed(["##..", "##.."], 3)), mask_path: null };
  const read = await readSet({
    "metadata.json": JSON.stringify({ default_mask_targets: { 3: "road" } }),
    "samples.json": samples(sample("data/a.png", { segmentations: map }, { width: 4, height: 2 })),
    "data/a.png": await makePng(4, 2),
  });
  expect(read.images).toEqual([["a.png", true, ["road 4"]]]);
  expect(read.records[0]!.annotations[0]!.isThing).toBe(false);
});

it("FiftyOne: labels.json with classes by number and by name", async () => {
  const box = [0.25, 0.1, 0.5, 0.5];
  for (const [classes, label] of [
    [["dog", "cat"], 1],
    [null, "cat"],
  ]) {
    const { format, images, records } = await readSet({
      "labels.json": JSON.stringify({
        classes,
        labels: { a: [{ label, bounding_box: box, confidence: 0.5, attributes: {} }], b: null },
      }),
      "data/a.png": await makePng(40, 20),
      "data/b.jpg": await makePng(40, 20),
    });
    expect(format).toBe("fiftyone");
    expect(images).toEqual([
      ["a.png", true, ["cat [10,2,20,10]"]],
      ["b.jpg", true, []],
    ]);
    expect(records[0]!.annotations[0]!.extra).toEqual({ confidence: 0.5 });
  }
});

it("FiftyOne: labels that can't be are set aside, bombs are not unpacked, and no mask is read from elsewhere", async () => {
  const bomb = deflateSync(new Uint8Array(2 ** 24)).toString("base64");
  const box = [0.25, 0.1, 0.1, 0.1];
  const bad: object[] = [
    detection("cat", box, { mask: binary(bomb) }),
    detection("cat", box, { mask: binary("####") }),
    detection("cat", box, { mask: binary(deflateSync("no array").toString("base64")) }),
    detection("cat", box, { mask: 7 }),
    detection("cat", box, { mask_path: "../../secret.png" }),
    detection("cat", [0.9, 0.9, 0.5, 0.5], { mask: binary(packed(["#"])) }),
    detection("cat", [0.25, 0.1, 0, 0.1]),
    detection("cat", [0.25, 0.1, "x", 0.1]),
    detection("cat", [300, 10, 20, 20]),
  ];
  const { images, problems } = await readSet({
    "set/samples.json": "",
    "samples.json": samples(
      sample("data/a.png", { ground_truth: detections(...bad, detection("cat", [0.5, 0.5, 0.25, 0.25])) }),
      sample("../../etc/passwd", {}),
      sample("data/c.png", { ground_truth: { _cls: "Detections", detections: 5 } }),
      sample("data/d.png", {}, { width: 1e9, height: 1e9 }),
    ),
    "data/a.png": await makePng(40, 20),
  });
  expect(images).toEqual([["a.png", true, ["cat [20,10,10,5]"]]]);
  expect(problems).toHaveLength(bad.length + 3);
  expect(problems[0]).toMatch(/sample 4: field "metadata": the image is 1000000000x1000000000/);
  expect(problems[1]).toMatch(/ground_truth 1: its mask can't be unpacked/);
  expect(problems[5]).toMatch(
    /ground_truth 5: its mask "\.\.\/\.\.\/secret\.png" is not in the set's folder/,
  );
});
