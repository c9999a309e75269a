import { describe, expect, it } from "vitest";
import type { WindowMasks } from "../model/decoded-masks.js";
import { createWindowReader } from "./window-reader.js";

const SIDE = 16;
const embedding = {
  model: { name: "mobile_sam", checkpointSha256: "" },
  imageSize: { width: 640, height: 400 },
  inputSize: { width: 256, height: 160 },
  features: {},
} as const;
const reader = createWindowReader(embedding, 64, 1);

/** One window with a rectangle of a logit in it, right and bottom exclusive. */
function windowWith(
  [x0, y0, x1, y1]: readonly number[],
  { x = 16, y = 16, logit = 5 }: { x?: number; y?: number; logit?: number } = {},
): WindowMasks {
  const logits = new Float32Array(SIDE * SIDE).fill(-5);
  for (let row = y0!; row < y1!; row++) logits.fill(logit, row * SIDE + x0!, row * SIDE + x1!);
  return { masks: 1, iouPredictions: Float32Array.of(0.9), logits, side: SIDE, x, y };
}

describe("reading a window", () => {
  it("puts a mask that ends in it into a whole map", () => {
    const mask = reader.read(windowWith([2, 3, 5, 4]), 0);
    expect(mask.kind).toBe("whole");
    if (mask.kind !== "whole") return;
    const inside = [...mask.logits.entries()].filter(([, logit]) => logit > 0).map(([at]) => at);
    expect(inside).toEqual([18, 19, 20].map((column) => 19 * 64 + column));
  });

  it("tells a mask that goes on beyond a side", () => {
    for (const rectangle of [
      [0, 3, 5, 4],
      [11, 3, 16, 4],
      [3, 0, 4, 5],
      [3, 11, 4, 16],
    ])
      expect(reader.read(windowWith(rectangle), 0)).toMatchObject({ kind: "part", stability: 1 });
  });

  it("counts a doubtful pixel on a side as going on, and says how stable the part is", () => {
    const seen = windowWith([4, 4, 6, 8]); // 8 stable pixels
    seen.logits.set([-0.5, -0.5], 5 * SIDE); // 2 doubtful ones, on the left side
    expect(reader.read(seen, 0)).toMatchObject({ kind: "part", stability: 0.8 });
  });

  it("knows that a mask may end at the image's own sides", () => {
    expect(reader.read(windowWith([0, 0, 4, 4], { x: 0, y: 0 }), 0).kind).toBe("whole");
    expect(reader.read(windowWith([12, 4, 16, 8], { x: 48 }), 0).kind).toBe("whole");
    // The image is 40 low-res pixels high: the window from 32 on ends in padding.
    expect(reader.read(windowWith([4, 4, 8, 8], { y: 32 }), 0).kind).toBe("whole");
    expect(reader.read(windowWith([4, 0, 8, 8], { y: 32 }), 0).kind).toBe("part");
  });
});
