import { columnRunsOf, isInsideRuns, type MaskRuns, maskToRuns } from "@segany/masks";
import type { ImagePrompt } from "@segany/sam";
import { expect, it } from "vitest";
import type { Alternative } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import { PUBLISHED_MODEL } from "../testing/model-frame.js";
import type { OpenImage } from "./types.js";
import { withoutSpecks } from "./without-specks.js";

type Square = readonly [x: number, y: number, side: number];

const logits = new Float32Array(4);

/** Squares, some of them cut out of others, as a model's answer. */
function alternativeOf(width: number, height: number, inside: readonly Square[], holes: readonly Square[]) {
  const data = new Uint8Array(width * height);
  const fill = ([x, y, side]: Square, value: number) => {
    for (let row = y; row < y + side; row++)
      data.fill(value, row * width + x, row * width + Math.min(width, x + side));
  };
  for (const square of inside) fill(square, 1);
  for (const square of holes) fill(square, 0);
  return { ...measureShape(maskToRuns({ width, height, data })), predictedIou: 0.9, lowResLogits: logits };
}

async function ask(size: readonly [number, number], alternative: Alternative, prompt: ImagePrompt = {}) {
  const image: OpenImage = {
    width: size[0],
    height: size[1],
    model: PUBLISHED_MODEL,
    predict: async () => [alternative],
    everything: () => Promise.reject(new Error("not asked for here")),
  };
  return (await withoutSpecks(image).predict(prompt, { multimask: true }))[0]!;
}

const isInside = (mask: MaskRuns, x: number, y: number) => isInsideRuns(columnRunsOf(mask), x, y);

it("islands and holes of fewer than a hundred pixels of the model's frame go, with area and box following", async () => {
  const dirty = alternativeOf(
    1024,
    700,
    [
      [100, 100, 60],
      [900, 600, 9],
      [300, 100, 10],
    ],
    [
      [110, 110, 9],
      [130, 130, 10],
    ],
  );
  const clean = await ask([1024, 700], dirty);
  expect(isInside(clean.segmentation, 904, 604)).toBe(false);
  expect(isInside(clean.segmentation, 304, 104)).toBe(true);
  expect(isInside(clean.segmentation, 114, 114)).toBe(true);
  expect(isInside(clean.segmentation, 134, 134)).toBe(false);
  expect(clean.areaPx).toBe(3600 + 100 - 100);
  expect(clean.boxXywh).toEqual([100, 100, 210, 60]);
  expect(clean.lowResLogits).toBe(logits);
});

it("a speck is larger in a larger image", async () => {
  const squares: Square[] = [
    [100, 100, 100],
    [1000, 600, 19],
    [1500, 600, 20],
  ];
  const clean = await ask([2048, 1400], alternativeOf(2048, 1400, squares, []));
  expect(clean.areaPx).toBe(10_000 + 400);
});

it("the largest of small islands stays", async () => {
  const squares: Square[] = [
    [100, 100, 4],
    [300, 100, 5],
  ];
  const clean = await ask([1024, 700], alternativeOf(1024, 700, squares, []));
  expect(clean.boxXywh).toEqual([300, 100, 5, 5]);
});

it("what was clicked is meant, be it as small as it is", async () => {
  const squares: Square[] = [
    [100, 100, 60],
    [900, 600, 5],
  ];
  const dirty = alternativeOf(1024, 700, squares, [[120, 120, 5]]);
  const prompt: ImagePrompt = {
    pointCoords: [
      [902.5, 602.5],
      [122.5, 122.5],
    ],
    pointLabels: [1, 0],
  };
  expect(await ask([1024, 700], dirty, prompt)).toBe(dirty);
});
