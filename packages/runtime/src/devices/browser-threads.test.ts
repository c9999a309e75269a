import { expect, it } from "vitest";
import { chooseThreads } from "./browser-threads.js";

it("takes the processor's threads, at most four, where memory can be shared", () => {
  expect(chooseThreads(undefined, { isolated: true, processors: 2 })).toEqual({ threads: 2 });
  expect(chooseThreads(undefined, { isolated: true, processors: 16 })).toEqual({ threads: 4 });
  expect(chooseThreads(8, { isolated: true, processors: 2 })).toEqual({ threads: 8 });
});

it("takes one elsewhere, and says why unless one was wanted or is all there is", () => {
  const surroundings = { isolated: false, processors: 4 };
  expect(chooseThreads(undefined, surroundings)).toEqual({
    threads: 1,
    note: expect.stringContaining("Cross-Origin-Opener-Policy"),
  });
  expect(chooseThreads(1, surroundings)).toEqual({ threads: 1 });
  expect(chooseThreads(undefined, { isolated: false, processors: 1 })).toEqual({ threads: 1 });
});
