import fc from "fast-check";
import { expect, it } from "vitest";
import { numberOfText } from "./number-of-text.js";

it.each([
  ["0", 0],
  ["12", 12],
  [" 12\t", 12],
  ["-1.5", -1.5],
  ["+.5", 0.5],
  ["3.", 3],
  ["1e-3", 0.001],
  ["2E2", 200],
])("%j is %d", (text, value) => expect(numberOfText(text)).toBe(value));

it.each([
  "",
  " ",
  ".",
  "-",
  "e5",
  "1e",
  "1e999",
  "0x10",
  "0b1",
  "0o7",
  "Infinity",
  "NaN",
  "null",
  "true",
  "1_000",
  "1,5",
  "1 2",
  "١",
  null,
  undefined,
  true,
  5,
  [],
  ["5"],
  {},
])("%j is no number", (value) => expect(numberOfText(value)).toBeUndefined());

it("every number is what it was written as", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(numberOfText(String(value))).toBe(value === 0 ? Number(String(value)) : value);
    }),
  );
});
