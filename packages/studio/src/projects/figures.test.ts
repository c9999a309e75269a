import { expect, test } from "vitest";
import { formatDecimal, formatIou, formatModel, formatShare, formatTime } from "./figures.js";

test("figures are short, and a dash where there are none", () => {
  expect([formatDecimal(1234.56), formatShare(0.934), formatIou(0.8)]).toEqual(["1,234.6", "93 %", "0.80"]);
  expect([formatDecimal(null), formatShare(null), formatIou(null), formatTime(null)]).toEqual(
    Array(4).fill("–"),
  );
  expect([4200, 90_000, 5_400_000, 259_200_000].map(formatTime)).toEqual([
    "4.2 s",
    "1.5 min",
    "1.5 h",
    "3 days",
  ]);
});

test("a model is its name with the start of its hash", () => {
  expect(formatModel(`mobile_sam ${"6dbb9052".repeat(8)}`)).toBe("mobile_sam 6dbb9052…");
  expect(formatModel("")).toBe("no model");
});

test("a model that is a version of the project's has its number", () => {
  const versions = [
    { number: 0, checkpoint: "6dbb9052".repeat(8) },
    { number: 1, checkpoint: null },
    { number: 2, checkpoint: "abcd1234".repeat(8) },
  ];
  expect(formatModel(`mobile_sam ${"abcd1234".repeat(8)}`, versions)).toBe("version 2");
  expect(formatModel(`mobile_sam ${"6dbb9052".repeat(8)}`, versions)).toBe("version 0");
  expect(formatModel(`mobile_sam ${"ffff0000".repeat(8)}`, versions)).toBe("mobile_sam ffff0000…");
});
