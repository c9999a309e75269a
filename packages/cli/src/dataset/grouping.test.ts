import { describe, expect, it } from "vitest";
import { parseGrouping } from "./grouping.js";

const recordOf = (fileName: string, extra?: Record<string, never | string | number | null>) => ({
  image: { id: 1, fileName, width: 9, height: 9, ...(extra && { extra }) },
  annotations: [],
});
const groupsOf = (text: string, ...names: string[]) => {
  const { groupOf } = parseGrouping(text);
  return names.map((name) => groupOf(recordOf(name)));
};

describe("a grouping", () => {
  it("by a pattern is what its first star stands for, in the last part of a name", () => {
    const names = ["train/cat.rf.0a.jpg", "valid/cat.rf.1b.jpg", "cat.rf.b.rf.2c.jpg", "dog.jpg"];
    expect(groupsOf("*.rf.*", ...names)).toEqual(["cat", "cat", "cat.rf.b", undefined]);
    expect(groupsOf("patient-*_*.png", "patient-7_a.png", "patient-7_b.png", "patient-7.png")).toEqual([
      "7",
      "7",
      undefined,
    ]);
    expect(groupsOf("*.(a)+*", "x.(a)+y", "x.a")).toEqual(["x", undefined]);
  });

  it("by a pattern with a slash looks at the whole path", () => {
    expect(groupsOf("*/*", "a/1.jpg", "a/2.jpg", "b/1.jpg", "1.jpg")).toEqual(["a", "a", "b", undefined]);
  });

  it("by a field is its value, of any kind", () => {
    const { groupOf, isUnused } = parseGrouping("video_id");
    expect(groupOf(recordOf("a.jpg"))).toBeUndefined();
    expect(groupOf(recordOf("a.jpg", { video_id: null }))).toBeUndefined();
    expect(isUnused()).toBe(true);
    expect(groupOf(recordOf("a.jpg", { video_id: 7 }))).toBe("7");
    expect(groupOf(recordOf("a.jpg", { video_id: "7" }))).toBe('"7"');
    expect(isUnused()).toBe(false);
    expect(parseGrouping("toString").groupOf(recordOf("a.jpg", {}))).toBeUndefined();
  });
});
