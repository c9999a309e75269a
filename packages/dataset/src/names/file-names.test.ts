import { expect, test } from "vitest";
import { checkFileName, stemOf } from "./file-names.js";

test.each(["a.jpg", "train2017/000.jpg", "ä ö.png", "a..b.jpg", "..."])("accepts %j", (name) => {
  expect(checkFileName(name, "x")).toBe(name);
});

test.each([
  "",
  "/etc/passwd",
  "../a.jpg",
  "a/../../b.jpg",
  "a/./b",
  "a//b",
  "..",
  "C:/a.jpg",
  "a\\..\\b.jpg",
  "a\u0000.jpg",
  "a\n.jpg",
  "a".repeat(2000),
])("refuses %j", (name) => {
  expect(() => checkFileName(name, "x")).toThrow(expect.objectContaining({ code: "name-unsafe" }));
});

test("a stem keeps folders and all but the last extension", () => {
  expect(["a.b/c.d.jpg", "a.b/c", ".hidden"].map(stemOf)).toEqual(["a.b/c.d", "a.b/c", ".hidden"]);
});
