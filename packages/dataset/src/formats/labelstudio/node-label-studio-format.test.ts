import { decodeRle } from "@segany/masks";
import { expect, it } from "vitest";
import { drawMask, makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const sized = { original_width: 8, original_height: 4, image_rotation: 0, to_name: "image" };

/** Packs numbers of given widths in bits, as the brush's list is. */
function pack(...values: readonly (readonly [value: number, bits: number])[]): number[] {
  const bits = values.map(([value, width]) => value.toString(2).padStart(width, "0")).join("");
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

/** A brush on the first row's pixels 2 and 3: runs of 8, 8 and 112 values of a byte. */
const brush = pack(
  [128, 32],
  [7, 5],
  ...[2, 3, 6, 15].map((length) => [length, 4] as const),
  ...[
    [8, 0],
    [8, 255],
    [112, 0],
  ].flatMap(([count, value]) => [
    [1, 1] as const,
    [2, 2] as const,
    [count! - 1, 7] as const,
    [value!, 8] as const,
  ]),
);

const results = [
  { ...sized, id: "a", type: "brushlabels", value: { format: "rle", rle: brush, brushlabels: ["cat"] } },
  {
    ...sized,
    id: "b",
    type: "polygonlabels",
    value: {
      points: [
        [0, 0],
        [50, 0],
        [50, 50],
        [0, 50],
      ],
      closed: true,
      polygonlabels: ["dog"],
    },
  },
  { ...sized, id: "c", type: "rectangle", value: { x: 12.5, y: 25, width: 50, height: 50, rotation: 0 } },
  {
    ...sized,
    id: "c",
    type: "labels",
    value: { x: 12.5, y: 25, width: 50, height: 50, rotation: 0, labels: ["cat"] },
  },
  { ...sized, id: "d", type: "keypointlabels", value: { x: 1, y: 1, width: 0.3, keypointlabels: ["cat"] } },
  { id: "e", type: "choices", value: { choices: ["good"] } },
  { type: "relation", from_id: "a", to_id: "b", direction: "right" },
];

const task = (fields: object) => ({
  id: 1,
  data: { image: "/data/upload/7/0a1b2c3d-my_photo.png" },
  annotations: [
    { id: 1, completed_by: 1, was_cancelled: true, result: [] },
    { id: 2, completed_by: 1, result: results },
    { id: 3, completed_by: 2, result: results },
  ],
  predictions: [],
  ...fields,
});

it("Label Studio: brushes, polygons and rectangles of a task, its image under the name before the upload", async () => {
  const { format, images, losses, problems, records } = await readSet({
    "project-1.json": JSON.stringify([task({})]),
    "photos/my photo.png": await makePng(8, 4),
  });
  expect(format).toBe("labelstudio");
  expect(problems).toEqual([]);
  expect(images).toEqual([["photos/my photo.png", true, ["cat 2", "dog 8", "cat [1,1,4,2]"]]]);
  expect(decodeRle(records[0]!.annotations[0]!.segmentation!)).toEqual(
    drawMask("..##....", "........", "........", "........"),
  );
  expect(losses).toEqual({ imageTags: 1, keypoints: 1, links: 1, otherAnnotators: 1 });
});

it("Label Studio: its small JSON, and files of a local folder", async () => {
  const value = {
    x: 0,
    y: 0,
    width: 25,
    height: 50,
    rotation: 0,
    rectanglelabels: ["cat"],
    original_width: 8,
    original_height: 4,
  };
  const { images } = await readSet({
    "x.json": JSON.stringify([{ image: "/data/local-files/?d=set/a%20b.png", id: 1, label: [value] }]),
    "set/a b.png": await makePng(8, 4),
  });
  expect(images).toEqual([["set/a b.png", true, ["cat [0,0,2,2]"]]]);
});

it("Label Studio: brushes that end early or are of another size are set aside", async () => {
  const broken = [brush.slice(0, 9), pack([2 ** 31, 32], [7, 5]), ["x"]].map((rle, i) => ({
    ...results[0],
    id: `${i}`,
    value: { format: "rle", rle, brushlabels: ["cat"] },
  }));
  const { images, problems } = await readSet({
    "x.json": JSON.stringify([
      task({ annotations: [{ completed_by: 1, result: [...broken, results[0]] }] }),
      { id: 2, data: {} },
    ]),
  });
  expect(images[0]![2]).toEqual(["cat 2"]);
  expect(problems).toHaveLength(4);
  expect(problems.join("\n")).toMatch(
    /it has no image[\s\S]*it ends too early[\s\S]*values, but an image of 8 x 4/,
  );
});
