import { rleArea } from "@segany/masks";
import { expect, it } from "vitest";
import type { MaskPixels } from "../masks/mask-pixels.js";
import { interpretMask } from "./interpret-mask.js";

const grey = (...values: number[]): MaskPixels => ({
  width: values.length,
  height: 1,
  numbers: Uint8Array.from(values),
});
const rgb = (...values: number[]): MaskPixels => ({
  width: values.length,
  height: 1,
  colours: Uint32Array.from(values),
});

it.each([
  ["black and white", grey(0, 255, 255), { 1: 2 }, false],
  ["soft edges of many values", grey(0, 20, 99, 128, 255, 255, 255, 255, 255, 0), { 1: 6 }, true],
  ["numbers of objects", grey(0, 1, 1, 2), { 1: 2, 2: 1 }, false],
  ["numbers that reach 255", grey(0, 85, 85, 170, 170, 255), { 85: 2, 170: 2, 255: 1 }, false],
  ["grey as colours", rgb(0, 0xffffff, 0xffffff), { 1: 2 }, false],
  ["colours of VOC's palette", rgb(0, 0x800000, 0x008000, 0x800000), { 1: 2, 2: 1 }, false],
  ["other colours", rgb(0, 0x123456, 0x654321, 0x123456), { 1: 2, 2: 1 }, false],
  ["a palette", { ...grey(0, 255, 7), palette: [] }, { 7: 1, 255: 1 }, false],
  ["transparency around", { ...rgb(5, 5, 5), alpha: Uint8Array.of(0, 153, 153) }, { 1: 2 }, false],
  ["nothing", grey(0, 0), {}, false],
])("%s", (_, pixels, areas, isSoft) => {
  const found = interpretMask(pixels);
  expect(
    Object.fromEntries(found.objects.map(({ number, segmentation }) => [number, rleArea(segmentation)])),
  ).toEqual(areas);
  expect(found.isSoft).toBe(isSoft);
});

/** A square whose edges fall linearly over some pixels. @param most value in its middle */
function blurred(side: number, edge: number, most = 255) {
  const size = side + 2 * edge + 2;
  const level = (at: number) => {
    const away = Math.max(edge + 1 - at, at - edge - side, 0);
    return Math.max(0, 1 - away / (edge + 1));
  };
  const numbers = Uint8Array.from({ length: size ** 2 }, (_, i) =>
    Math.round(most * Math.min(level(i % size), level(Math.floor(i / size)))),
  );
  return { width: size, height: size, numbers };
}

it.each([
  ["a small mask with wide edges", blurred(6, 9)],
  ["one that is nowhere white", blurred(4, 10, 230)],
])("%s is one mask, however many values it has", (_, pixels) => {
  const { objects, isSoft } = interpretMask(pixels);
  expect(isSoft).toBe(true);
  expect(objects).toHaveLength(1);
  const half = pixels.numbers.filter((value) => 2 * value >= Math.max(...pixels.numbers)).length;
  expect(rleArea(objects[0]!.segmentation)).toBe(half);
});

it.each([
  ["squares", (x: number, y: number) => 1 + Math.floor(x / 4) + 16 * Math.floor(y / 4)],
  ["rows of one pixel", (_: number, y: number) => (y % 2 === 0 ? 4 * y + 7 : 0)],
  ["single pixels in disorder", (x: number, y: number) => (x * 83 + y * 151 + x * y * 31) % 256],
])("numbers of many objects stay numbers: %s", (_, numberAt) => {
  const numbers = Uint8Array.from({ length: 64 ** 2 }, (_, i) => numberAt(i % 64, Math.floor(i / 64)));
  const { objects } = interpretMask({ width: 64, height: 64, numbers });
  expect(objects).toHaveLength(new Set(numbers.filter((value) => value > 0)).size);
});

it("what is compressed with a loss is one mask", () => {
  const { objects, isSoft } = interpretMask(grey(0, 3, 250, 255, 128, 1), true);
  expect([objects.map(({ segmentation }) => rleArea(segmentation)), isSoft]).toEqual([[3], true]);
});
