import { readFile } from "node:fs/promises";
import { readNpy, type StateDict } from "@segany/graph/weights";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { readImage } from "../../images/node-images.js";
import { openCocoSsdWeights } from "./node-coco-ssd.js";
import { selectBoxes } from "./ssd-boxes.js";
import { SSD_SIDE, ssdGraph } from "./ssd-graph.js";
import { ssdPixels } from "./ssd-pixels.js";

const fixture = (name: string) => new URL(`../../../../../fixtures/text/${name}`, import.meta.url);

/** What TensorFlow.js makes of `small.png` with the package's own graph; see fixtures/PROVENANCE.md. */
describe("the detector against TensorFlow.js", () => {
  let state: StateDict;
  let boxes: Float32Array;
  let scores: Float32Array;
  beforeAll(async () => {
    state = await openCocoSsdWeights();
    const image = await readImage(await readFile(fixture("small.png")));
    const feeds = { image: floats(ssdPixels(image, SSD_SIDE), [1, 3, SSD_SIDE, SSD_SIDE]) };
    const outputs = await runGraph(ssdGraph(state.tensors), state.load, feeds);
    boxes = outputs.boxes!.data as Float32Array;
    scores = outputs.scores!.data as Float32Array;
  });
  afterAll(() => state.close());

  it("has the same boxes for all anchors", async () => {
    const { data, shape } = readNpy(await readFile(fixture("small.ssd-boxes.npy")), "boxes");
    expect(shape).toEqual([1917, 4]);
    expect(boxes.length).toBe(data.length);
    expect(largestDifference(boxes, data as Float32Array)).toBeLessThan(1e-4);
  });

  it("has the same scores for all anchors and categories", async () => {
    const { data } = readNpy(await readFile(fixture("small.ssd-scores.npy")), "scores"); // every 7th
    const every = scores.filter((_, i) => i % 7 === 0);
    expect(every.length).toBe(data.length);
    expect(largestDifference(every, data as Float32Array)).toBeLessThan(1e-4);
  });

  it("finds each thing once", () => {
    const size = { width: 120, height: 80 };
    const found = selectBoxes({ boxes, scores }, size, {
      categoryIds: [44, 75, 1],
      scoreThreshold: 0.3,
      iouThreshold: 0.5,
    });
    expect(found.map(({ categoryId, score }) => [categoryId, score.toFixed(3)])).toEqual([
      [44, "0.427"],
      [75, "0.376"],
    ]);
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
