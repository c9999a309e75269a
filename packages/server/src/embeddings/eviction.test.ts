import { expect, test } from "vitest";
import { bytesOf, hasRoomFor, leastRecentlyUsed } from "./eviction.js";

const entries = new Map([
  ["a", { bytes: 300, usedMs: 30 }],
  ["b", { bytes: 100, usedMs: 10 }],
  ["c", { bytes: 200, usedMs: 20 }],
]);

test("the least recently used goes first, whatever its size and the order of adding", () => {
  expect(leastRecentlyUsed(entries)).toEqual(["b", "c", "a"]);
  expect(bytesOf(entries)).toBe(600);
});

test("there is room for entries as large as the largest, to the byte", () => {
  expect([899, 900, 901].map((maxBytes) => hasRoomFor(1, entries, maxBytes))).toEqual([false, true, true]);
  expect([600, 1200].map((maxBytes) => hasRoomFor(2, entries, maxBytes))).toEqual([false, true]);
  expect([599, 600].map((maxBytes) => hasRoomFor(0, entries, maxBytes))).toEqual([false, true]);
});

test("an empty cache has room for any number, since nothing tells their size", () => {
  expect(hasRoomFor(1000, new Map(), 0)).toBe(true);
});
