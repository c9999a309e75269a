import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatNumberOf,
  formatPercent,
  formatQuality,
  formatSeconds,
} from "./text.js";

test("numbers are told as people read them", () => {
  expect(formatCount(12345)).toBe("12,345");
  expect(formatPercent(0.934)).toBe("93 %");
  expect([formatQuality(0.934), formatQuality(1.02)]).toEqual(["93 %", "100 %"]);
  expect([formatNumberOf(1, "mask"), formatNumberOf(0, "mask")]).toEqual(["1 mask", "0 masks"]);
  expect([formatSeconds(840), formatSeconds(12_300)]).toEqual(["0.8 s", "12 s"]);
});

test("bytes that are done are told in the unit of all of them", () => {
  expect(formatBytes(120_000, 5_400_000)).toBe("0.1 MB");
  expect(formatBytes(5_400)).toBe("5 kB");
  expect(formatBytes(512)).toBe("512 B");
});
