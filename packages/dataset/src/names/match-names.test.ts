import { expect, test } from "vitest";
import { createNameMatcher, readImageName } from "./match-names.js";

const nfc = "caf\u00e9.jpg";
const nfd = "cafe\u0301.jpg";
const files = [
  "a.jpg",
  "train/b 1.jpg",
  "c%20d.jpg",
  nfd,
  "X/Y.JPG",
  "images/e.jpg",
  "one/t.jpg",
  "two/t.jpg",
];

test.each([
  ["a.jpg", "a.jpg", "name"],
  ["./a.jpg", "a.jpg", "form"],
  [".\\train\\b 1.jpg", "train/b 1.jpg", "form"],
  ["train/b%201.jpg", "train/b 1.jpg", "form"],
  ["c%20d.jpg", "c%20d.jpg", "name"],
  [nfc, nfd, "form"],
  ["images/a.jpg", "a.jpg", "form"],
  ["e.jpg", "images/e.jpg", "form"],
  ["x/y.jpg", "X/Y.JPG", "capitals"],
  ["/home/me/set/a.jpg", "a.jpg", "form"],
  ["C:\\set\\b 1.jpg", "train/b 1.jpg", "form"],
  ["https://host/sets/7/b%201.jpg?token=1", "train/b 1.jpg", "form"],
])("%j means %j", (name, file, by) => {
  expect(createNameMatcher(files).find(name)).toEqual({ name: file, by });
});

test.each(["z.jpg", "/x/t.jpg", "b 1.jpg", "other/a.jpg"])("%j means no file, or two", (name) => {
  expect(createNameMatcher(files).find(name)).toBeUndefined();
});

test.each([
  ["a\\b.jpg", "a/b.jpg"],
  ["./a.jpg", "a.jpg"],
  ["a//b.jpg", "a/b.jpg"],
  ["/data/a.jpg", "a.jpg"],
  ["D:\\data\\a.jpg", "a.jpg"],
  ["s3://bucket/x/a%20b.jpg", "a b.jpg"],
])("%j is read as %j", (name, read) => {
  expect(readImageName(name, "x")).toBe(read);
});

test.each([
  "",
  ".",
  "../a.jpg",
  "a/../../b.jpg",
  "a\\..\\..\\b",
  "/",
  "http://host",
  "/a/..",
  "a\u0000b",
  "http://h/%2e%2e",
])("%j is refused", (name) => {
  expect(() => readImageName(name, "x")).toThrow(expect.objectContaining({ code: "name-unsafe" }));
});
