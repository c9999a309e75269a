import { createGraphBuilder } from "@segany/graph";
import { describe, expect, it } from "vitest";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { decodeBoxes, selectBoxes } from "./ssd-boxes.js";

describe("decoded boxes", () => {
  it("are shifted and scaled from their anchors", async () => {
    const anchors = Float32Array.of(0.2, 0.1, 0.4, 0.5, 0, 0, 1, 1); // 0.2 high, 0.4 wide; all of the image
    const g = createGraphBuilder("boxes", new Map([["Postprocessor/ExpandDims", { shape: [1, 2, 4] }]]));
    g.output("boxes", decodeBoxes(g, g.input("encoded", "float32", [2, 4])));
    const encoded = [10, -5, 5 * Math.log(2), 0, 0, 0, 0, 5 * Math.log(0.5)];
    const { boxes } = await runGraph(g.finish(), async () => anchors, { encoded: floats(encoded, [2, 4]) });
    // Centre (0.3, 0.3) + (1 x 0.2, -0.5 x 0.4) = (0.5, 0.1); 0.4 high, 0.4 wide.
    const expected = [0.3, -0.1, 0.7, 0.3, 0, 0.25, 1, 0.75];
    for (const [i, value] of expected.entries()) expect(boxes!.data[i], `${i}`).toBeCloseTo(value, 5);
  });
});

describe("selected boxes", () => {
  const boxes = Float32Array.from(
    [
      [0.1, 0.1, 0.5, 0.5],
      [0.1, 0.1, 0.5, 0.52], // nearly the first
      [0.6, 0.6, 1.2, 0.9], // reaches beyond the image
      [0.5, 0.5, 0.5, 0.9], // empty
    ].flat(),
  );
  const score = (values: Record<number, number>) =>
    Float32Array.from({ length: 90 }, (_, i) => values[i + 1] ?? 0);
  const scores = Float32Array.from([
    ...score({ 18: 0.8, 17: 0.4 }),
    ...score({ 18: 0.7, 17: 0.6 }),
    ...score({ 18: 0.9 }),
    ...score({ 18: 1 }),
  ]);
  const select = (categoryIds: readonly number[], scoreThreshold = 0.3) =>
    selectBoxes(
      { boxes, scores },
      { width: 200, height: 100 },
      { categoryIds, scoreThreshold, iouThreshold: 0.5 },
    );

  it("are in pixels inside the image, without duplicates, the most probable first", () => {
    const found = select([18]);
    expect(found.map((each) => each.score.toFixed(1))).toEqual(["0.9", "0.8"]);
    expect(found[0]!.boxXyxy.map((value) => Math.round(value))).toEqual([120, 60, 180, 100]);
    expect(found[1]!.boxXyxy.map((value) => Math.round(value))).toEqual([20, 10, 100, 50]);
  });

  it("are of the wanted categories, each without regard to the others", () => {
    expect(select([17]).map((each) => each.score.toFixed(1))).toEqual(["0.6"]);
    expect(select([17, 18]).map(({ categoryId }) => categoryId)).toEqual([18, 18, 17]);
    expect(select([1])).toEqual([]);
    expect(select([18], 0.85)).toHaveLength(1);
  });
});
