import { describe, expect, it } from "vitest";
import type { EvaluationSet } from "./data/samples.js";
import { progressOf } from "./progress.js";

function setOf(name: string, imageCount?: number): EvaluationSet {
  async function* records() {}
  const counted = imageCount === undefined ? {} : { imageCount };
  return { name, path: name, dataset: { name, format: "test", categories: [], records, ...counted } };
}

describe("progressOf", () => {
  it("counts images of all sets, each up to the limit, parts of one included", () => {
    const sets = [setOf("a", 10), setOf("b", 2), setOf("c", 30)];
    const progress = progressOf(sets, 4);
    expect(progress(sets[0]!, 0)).toEqual({
      set: "a",
      setIndex: 0,
      setCount: 3,
      imagesDone: 0,
      imagesTotal: 4,
      share: 0,
    });
    expect(progress(sets[0]!, 2.5)).toMatchObject({ imagesDone: 2.5, share: 0.25 });
    expect(progress(sets[1]!, 1)).toMatchObject({ imagesTotal: 2, share: 3.5 / 8.5 }); // a had 2.5 in the end
    expect(progress(sets[2]!, 4)).toMatchObject({ imagesTotal: 4, share: 1 });
  });

  it("tells no share where the number of images isn't known", () => {
    const sets = [setOf("a", 10), setOf("b")];
    const progress = progressOf(sets, undefined)(sets[0]!, 5);
    expect(progress).toMatchObject({ imagesTotal: 10 });
    expect(progress).not.toHaveProperty("share");
    expect(progressOf(sets, 3)(sets[1]!, 1)).toMatchObject({ imagesTotal: 3 });
  });
});
