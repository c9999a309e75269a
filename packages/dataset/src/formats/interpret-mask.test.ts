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
