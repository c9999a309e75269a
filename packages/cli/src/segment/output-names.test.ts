import { expect, test } from "vitest";
import type { InputImage } from "./inputs.js";
import type { SegmentOptions } from "./options.js";
import { refuseCollisions } from "./output-names.js";

const check = (stems: readonly string[], options: Partial<SegmentOptions>, paths: readonly string[] = []) =>
  refuseCollisions(
    stems.map((outputStem, i) => ({ path: paths[i] ?? `/in/${outputStem}.jpg`, outputStem }) as InputImage),
    { output: "/out", format: "sa1b", picture: true, ...options } as SegmentOptions,
  );

const PNG = { format: "png" } as const;

test.each<[string, string[], Partial<SegmentOptions>]>([
  ["a folder of masks and a folder of cut-outs", ["a", "a-cutouts"], { ...PNG, cutouts: true }],
  ["a mask and a picture of the result", ["a", "a/0"], PNG],
  ["a cut-out and a picture of the result", ["a", "a-cutouts/12"], { cutouts: true }],
  ["a mask and a folder of masks", ["a", "a/0.png"], { ...PNG, picture: false }],
  ["a table and a folder of masks", ["a", "a/metadata.csv"], { ...PNG, picture: false }],
  ["a file of masks and a folder of images", ["a", "a.json/b"], {}],
  ["a picture of the result and a folder of images", ["a", "a.png/b"], {}],
  ["a picture of the result and a deeper folder", ["a", "a.png/b/c"], { picture: true }],
  ["a journal's file and a folder of images", ["a", "a.json/b"], { format: "coco" }],
  ["names that differ in capitals alone", ["a", "A.PNG/b"], {}],
])("images whose results would be one file are refused: %s", (_what, stems, options) => {
  expect(() => check(stems, options)).toThrow(/would both be written to/);
  expect(() => check(stems.toReversed(), options)).toThrow(/would both be written to/);
});

test.each<[string, string[], Partial<SegmentOptions>]>([
  ["a folder of images beside an image of its name", ["a", "a/b", "a/c"], PNG],
  ["numbers in a folder of images", ["a", "a/0", "a/1"], {}],
  ["many images", ["a", "b", "c/a", "c/b", "c-cutouts"], { ...PNG, cutouts: true }],
  ["one file for all", ["a", "b"], { format: "coco" }],
  ["what is not written", ["a", "a/0"], { ...PNG, picture: false }],
])("others are not: %s", (_what, stems, options) => {
  check(stems, options);
});

test.each<[string, Partial<SegmentOptions>]>([
  ["/out/a.png", {}],
  ["/out/a.json", {}],
  ["/out/a/3.png", PNG],
  ["/out/a/metadata.csv", PNG],
  ["/out/a-cutouts/0.png", { cutouts: true }],
  ["/out/.segany/a.json", {}],
])("a result that would replace the input %s is refused", (path, options) => {
  expect(() => check(["a", "b"], options, ["/in/a.jpg", path])).toThrow(/would replace the input/);
  expect(() => check(["a"], options, [path])).toThrow(/would replace the input/);
});

test("an input beside the results is fine", () => {
  check(["a", "b"], {}, ["/out/a.jpg", "/out/b.jpg"]);
});
