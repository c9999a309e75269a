import { expect, it } from "vitest";
import { editDistance, nearestName } from "./nearest-name.js";

it.each([
  ["", "", 0],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["steps", "step", 1],
  ["abc", "acb", 2],
])("from %j to %j it is %i edits", (a, b, distance) => {
  expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]);
});

it("finds the name that was meant, in another spelling too, and none for another word", () => {
  const names = ["steps", "lr", "masks-per-image", "val-every"];
  expect(nearestName("step", names)).toBe("steps");
  expect(nearestName("masksPerImage", names)).toBe("masks-per-image");
  expect(nearestName("val_every", names)).toBe("val-every");
  expect(nearestName("optimizer", names)).toBeUndefined();
  expect(nearestName("step", [])).toBeUndefined();
});
