import { decodeRle } from "@segany/masks";
import { expect, test } from "vitest";
import { parseAnnotation } from "../formats/annotation-json.js";
import { drawMask, exampleMasks, makeAnnotation } from "../testing/make-records.js";
import { parseSegmentation } from "./segmentation.js";

const size = { width: 6, height: 5 };

test("polygons, compressed and uncompressed RLE of one mask are the same mask", () => {
  const square = drawMask("......", ".##...", ".##...", "......", "......");
  const forms = [
    [[1, 1, 3, 1, 3, 3, 1, 3]],
    makeAnnotation(square).segmentation,
    { size: [5, 6], counts: [6, 2, 3, 2, 17] },
  ];
  for (const form of forms)
    expect(decodeRle(parseSegmentation(form, size, "x").segmentation)).toEqual(square);
});

test("the outlines of a mask are kept beside it", () => {
  const polygons = [[1, 1, 3, 1, 3, 3, 1, 3]];
  expect(parseSegmentation(polygons, size, "x").polygons).toEqual(polygons);
});

test.each([
  ["a size that is not the image's", { size: [6, 5], counts: [30] }],
  ["runs that don't fill the size", { size: [5, 6], counts: [29] }],
  ["a damaged string", { size: [5, 6], counts: "~~" }],
  ["an enormous size", { size: [2 ** 24, 2 ** 24], counts: [2 ** 48] }],
  ["an enormous size in few bytes", { size: [40_000, 40_000], counts: "PPPPPP".padEnd(60, "0") }],
  ["a gigapixel that its runs fill", { size: [2 ** 15, 2 ** 15], counts: [2 ** 30] }],
  ["no polygon", []],
  ["two corners", [[1, 1, 2, 2]]],
  ["half a corner", [[1, 1, 2, 2, 3, 3, 4]]],
  ["NaN", [[1, 1, Number.NaN, 2, 3, 3]]],
  ["infinity", [[1, 1, Number.POSITIVE_INFINITY, 2, 3, 3]]],
  ["a text as coordinate", [[1, 1, "2", 2, 3, 3]]],
  ["nothing", null],
  [
    "millions of corners that go to and fro",
    [Array.from({ length: 2 ** 23 }, (_, i) => ((i >> 1) & 1) * 1000)],
  ],
])("refuses %s and names the record", (_, form) => {
  expect(() => parseSegmentation(form, size, "x.json: annotations 3")).toThrow(
    expect.objectContaining({
      code: "annotation-invalid",
      message: expect.stringContaining("x.json: annotations 3"),
    }),
  );
});

test("refuses outlines that would take far more work than any object needs", () => {
  const toAndFro = Array.from({ length: 4000 }, (_, i) => ((i >> 1) & 1) * 20_000);
  expect(() => parseSegmentation([toAndFro], { width: 20_000, height: 5 }, "x")).toThrow(
    /cross 40000000 columns/,
  );
});

test("Meta's boxes, one less wide and high, become COCO's; other boxes stay as the file has them", () => {
  const { segmentation } = makeAnnotation(exampleMasks.ring);
  const read = (bbox: number[]) => parseAnnotation({ id: 1, segmentation, bbox }, size, "x").bboxXywh;
  expect(read([1, 1, 2, 2])).toEqual([1, 1, 3, 3]);
  expect(read([1, 1, 3, 3])).toEqual([1, 1, 3, 3]);
  expect(read([0.5, 1, 2.25, 3])).toEqual([0.5, 1, 2.25, 3]);
});

test("fields without a name in the record are kept, even one called __proto__", () => {
  const { segmentation } = makeAnnotation(exampleMasks.bar);
  const raw = JSON.parse('{"id": 4, "__proto__": {"polluted": 1}, "note": [1, {"a": null}]}');
  const { extra } = parseAnnotation(Object.assign(raw, { segmentation }), size, "x");
  expect(JSON.stringify(extra)).toBe('{"__proto__":{"polluted":1},"note":[1,{"a":null}]}');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
