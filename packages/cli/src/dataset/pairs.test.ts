import { describe, expect, it } from "vitest";
import { addPair, addText, parseRatios } from "./pairs.js";

describe("pairs on the command line", () => {
  it("are collected, the name ending at the last =", () => {
    expect(addPair("b=c=d", addPair("a=x"))).toEqual({ a: "x", "b=c": "d" });
    expect(addText("b", addText("a"))).toEqual(["a", "b"]);
  });

  it("without a name are refused", () => {
    for (const text of ["a", "=a", ""]) expect(() => addPair(text)).toThrow(/old=new/);
  });

  it("of shares have numbers, and names that are folders of their own", () => {
    expect(parseRatios("train=8, val=1,test=0.5")).toEqual({ train: 8, val: 1, test: 0.5 });
    for (const text of ["train", "train=", "train=a", "../x=1", "a/b=1", "CON=1", "nul=1", "a=1=2", ""])
      expect(() => parseRatios(text)).toThrow(/train=0\.8,val=0\.2/);
  });
});
