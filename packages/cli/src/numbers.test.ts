import { describe, expect, it } from "vitest";
import { parseCount, parseNumber, parseNumberList, parseWithin } from "./numbers.js";

describe("numbers of a command line", () => {
  it.each([
    ["0.5", 0.5],
    [" -3 ", -3],
    ["1e3", 1000],
  ])("%j is one", (text, value) => expect(parseNumber(text)).toBe(value));

  it.each(["", " ", "x", "1x", "NaN", "Infinity"])("%j is none", (text) =>
    expect(() => parseNumber(text)).toThrow("must be a number"),
  );

  it.each(["-1", "1.5", "1e99"])("%j counts nothing", (text) =>
    expect(() => parseCount(text)).toThrow("0 or more"),
  );

  it("count from zero", () => expect([parseCount("0"), parseCount("12")]).toEqual([0, 12]));

  it("stay within a range, whose ends belong to it", () => {
    const parse = parseWithin(2, 5);
    expect(["2", "5"].map(parse)).toEqual([2, 5]);
    for (const text of ["1", "6", "100", "2.5"]) expect(() => parse(text), text).toThrow("integer");
  });

  it("come in lists of so many", () => {
    expect(parseNumberList("1,-2.5", [2, 3], "x")).toEqual([1, -2.5]);
    for (const text of ["1", "1,2,3,4", "1,,2", "1,x"])
      expect(() => parseNumberList(text, [2, 3], "500,375"), text).toThrow("It must have the form 500,375.");
  });
});
