import { expect, it } from "vitest";
import { screenPoint } from "../view.js";
import { createRepeatTeller, type TimedPress } from "./repeat-press.js";

const first: TimedPress = { at: screenPoint([100, 100]), pointerType: "mouse", button: 0, timeMs: 1000 };

/** What is said of a press that follows the first. */
function afterFirst(second: Partial<TimedPress>): boolean {
  const isRepeat = createRepeatTeller();
  expect(isRepeat(first)).toBe(false);
  return isRepeat({ ...first, timeMs: 1200, ...second });
}

it("a press at once where the last one was repeats it", () => {
  expect(afterFirst({})).toBe(true);
  expect(afterFirst({ at: screenPoint([103, 102]), timeMs: 1500 })).toBe(true);
});

it("one that is later, elsewhere, or of another button or pointer does not", () => {
  expect(afterFirst({ timeMs: 1501 })).toBe(false);
  expect(afterFirst({ at: screenPoint([100, 105]) })).toBe(false);
  expect(afterFirst({ button: 2 })).toBe(false);
  expect(afterFirst({ pointerType: "pen" })).toBe(false);
});

it("fingers hit a place less well than a mouse", () => {
  const isRepeat = createRepeatTeller();
  isRepeat({ ...first, pointerType: "touch" });
  expect(isRepeat({ ...first, pointerType: "touch", at: screenPoint([106, 108]), timeMs: 1200 })).toBe(true);
});

it("the third of three quick presses repeats too", () => {
  const isRepeat = createRepeatTeller();
  const told = [1000, 1300, 1600].map((timeMs) => isRepeat({ ...first, timeMs }));
  expect(told).toEqual([false, true, true]);
});
