import { expect, test } from "vitest";
import { createLruMap } from "./lru-map.js";

test("what was used longest ago is forgotten first, and told of", () => {
  const evicted: string[] = [];
  const map = createLruMap<string, string>(2, (value) => evicted.push(value));
  map.set("a", "A");
  map.set("b", "B");
  map.get("a");
  map.set("c", "C");
  expect(evicted).toEqual(["B"]);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual(["A", undefined, "C"]);
});

test("what is deleted by hand is not told of", () => {
  const evicted: string[] = [];
  const map = createLruMap<string, string>(1, (value) => evicted.push(value));
  map.set("a", "A");
  expect(map.delete("a")).toBe("A");
  map.set("b", "B");
  expect(evicted).toEqual([]);
});
