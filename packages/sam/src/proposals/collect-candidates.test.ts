import { areaOfRuns, boxOfRuns, exclusiveBox } from "@segany/masks";
import { describe, expect, it } from "vitest";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import { createCandidateCollector } from "./collect-candidates.js";
import type { Crop } from "./crops.js";
import type { CropTask } from "./types.js";

const SIDE = 16;
const WHOLE: Crop = { boxXyxy: exclusiveBox([0, 0, 256, 256]), layer: 0 };
/** A quarter in the middle, so that all its edges are inner ones. */
const INNER: Crop = { boxXyxy: exclusiveBox([128, 64, 192, 128]), layer: 1 };
/** A crop's pixels are those of its low-res map four times. */
const embedding = {
  imageSize: { width: 64, height: 64 },
  inputSize: { width: 64, height: 64 },
  features: { image_embeddings: { shape: [1, 1, SIDE / 4, SIDE / 4] } },
} as unknown as ImageEmbedding;

function collector(crop: Crop, floor = { predIouThresh: 0, stabilityScoreThresh: 0 }) {
  const imageSize = { width: 256, height: 256 };
  const task = { crop, imageSize, floor, stabilityScoreOffset: 1 } as CropTask;
  return createCandidateCollector(task, embedding, { imageSide: 64, maskSide: SIDE });
}

/** Logits that are high in a square of the map, ends inclusive. */
function square(first: number, last: number): Float32Array {
  const inside = (at: number) => at >= first && at <= last;
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    inside(i % SIDE) && inside(Math.floor(i / SIDE)) ? 10 : -10,
  );
}

describe("candidates of a crop", () => {
  it("are those rated above the floor, and all where it is 0", () => {
    const above = collector(INNER, { predIouThresh: 0.5, stabilityScoreThresh: 0 });
    expect([0.4, 0.5, 0.501].map(above.isRated)).toEqual([false, false, true]);
    expect([-0.1, 0, 1].map(collector(INNER).isRated)).toEqual([true, true, true]);
    expect(above.collectOne([0.5, 0.5], 0.5, square(7, 8))).toBeUndefined();
    expect(above.collectOne([0.5, 0.5], 0.6, square(7, 8))).toBeDefined();
  });

  it("lie in the image: point, box and mask", () => {
    const candidate = collector(INNER).collectOne([0.25, 0.75], 0.9, square(7, 8))!;
    expect(candidate).toMatchObject({ crop: INNER, predictedIou: 0.9, point: [144, 112] });
    const [x, y, width, height] = boxOfRuns(candidate.mask());
    expect(candidate.boxXyxy).toEqual([x, y, x + width - 1, y + height - 1]);
    expect([x + width / 2, y + height / 2]).toEqual([128 + 32, 64 + 32]);
    expect(Math.abs(width - 8)).toBeLessThanOrEqual(2);
    expect(areaOfRuns(candidate.mask())).toBeGreaterThan(40);
    expect(candidate.stabilityScore).toBeGreaterThan(0.5);
    expect(candidate.isStable(candidate.stabilityScore)).toBe(true);
    expect(candidate.isStable(1)).toBe(false);
  });

  it("do not touch an inner edge of the crop; those of the image are no matter", () => {
    const edge = square(0, 8);
    expect(collector(INNER).collectOne([0.5, 0.5], 0.9, edge)).toBeUndefined();
    expect(
      collector({ boxXyxy: exclusiveBox([0, 0, 64, 64]), layer: 1 }).collectOne([0.5, 0.5], 0.9, edge),
    ).toBeDefined();
  });

  it("come from every mask of every prompt, with the prompt's point", () => {
    const maps = [square(7, 8), square(0, 8), square(6, 9), square(7, 9)];
    const lowResLogits = Float32Array.from(maps.flatMap((map) => [...map]));
    const iouPredictions = Float32Array.of(0.5, 0.625, 0.75, 0.875);
    const points = [
      [0, 0],
      [0.5, 0.25],
    ] as const;
    const found = collector(INNER).collect(points, { batch: 2, masks: 2, iouPredictions, lowResLogits });
    expect(found.map(({ predictedIou, point }) => [predictedIou, ...point])).toEqual([
      [0.5, 128, 64],
      [0.75, 160, 80],
      [0.875, 160, 80],
    ]);
    expect(collector(WHOLE).lowResSize).toBe(SIDE);
  });
});
