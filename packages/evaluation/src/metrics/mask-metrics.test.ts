import { type BoxXywh, encodeRle, rleIou } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HEIGHT, rectangle, WIDTH } from "../testing/synthetic-set.js";
import { pairMasks } from "./mask-agreement.js";
import { type CategoryUnit, createPrecisionStatistic, meanPrecisionCurve } from "./mean-average-precision.js";

describe("pairMasks", () => {
  it("pairs each mask once so that the sum of IoUs is largest", () => {
    // The first of a overlaps both of b; giving it the better one would leave the second without any.
    const a = [rectangle([0, 0, 20, 10]), rectangle([0, 0, 12, 10])];
    const b = [rectangle([0, 0, 14, 10]), rectangle([0, 0, 24, 10])];
    const pairs = pairMasks(a, b, 0.3);
    expect(pairs.map(({ a: i, b: j }) => [i, j])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(pairs[0]!.iou).toBeCloseTo(20 / 24, 12);
  });

  it("never pairs masks that overlap by less than asked, or not at all", () => {
    expect(pairMasks([rectangle([0, 0, 10, 10])], [rectangle([5, 0, 10, 10])], 0.5)).toEqual([]);
    expect(pairMasks([rectangle([0, 0, 9, 9])], [rectangle([20, 0, 9, 9])], 0)).toEqual([]);
    expect(pairMasks([], [rectangle([20, 0, 9, 9])], 0)).toEqual([]);
  });

  it("pairs masks that overlap by just as much as asked", () => {
    const pairs = pairMasks([rectangle([0, 0, 10, 10])], [rectangle([0, 0, 10, 5])], 0.5);
    expect(pairs).toEqual([{ a: 0, b: 0, iou: 0.5 }]);
  });

  it("finds the largest sum of all ways to pair", () => {
    const boxes = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 30 }),
      ),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(boxes, boxes, (first, second) => {
        const a = first.map((box: BoxXywh) => rectangle(box));
        const b = second.map((box: BoxXywh) => rectangle(box));
        const ious = rleIou(a, b);
        const best = (row: number, used: number): number =>
          row === a.length
            ? 0
            : Math.max(
                best(row + 1, used),
                ...b.map((_, j) =>
                  used & (1 << j) ? 0 : ious[row * b.length + j]! + best(row + 1, used | (1 << j)),
                ),
              );
        const sum = pairMasks(a, b, 0).reduce((total, { iou }) => total + iou, 0);
        expect(sum).toBeCloseTo(best(0, 0), 4);
      }),
      { numRuns: 100 },
    );
  });
});

describe("createPrecisionStatistic", () => {
  const unit = (category: number, image: number, ious: readonly number[], areaPx = 500): CategoryUnit => ({
    image,
    category,
    unit: {
      detections: ious.map((_, i) => ({ score: 0.9 - i / 10, areaPx })),
      truths: [{ areaPx, isCrowd: false }],
      ious: Float64Array.from(ious),
    },
  });

  it("averages over IoU thresholds and classes, and leaves out sizes that aren't there", () => {
    // Class 1: IoU .72, right at five of ten thresholds. Class 2: perfect.
    const metrics = createPrecisionStatistic([unit(1, 0, [0.72]), unit(2, 0, [1])])([1]);
    expect(metrics).toMatchObject({ ap: 0.75, ap50: 1, ap75: 0.5, aps: 0.75 });
    expect(metrics.apl).toBeNaN();
  });

  it("leaves out classes without truths", () => {
    const detection = { score: 1, areaPx: 500 };
    const nothing = { detections: [detection], truths: [], ious: new Float64Array(0) };
    const units = [unit(1, 0, [1]), { image: 0, category: 2, unit: nothing }];
    expect(createPrecisionStatistic(units)([1])).toMatchObject({ ap: 1, ap50: 1 });
    expect(meanPrecisionCurve(units, 0)[20]).toEqual([1, 1]);
  });

  it("ranks a class over all images", () => {
    // The miss in image 1 (score .9) ranks with the hit in image 0 (.9, first): precision 1, then nothing
    // found.
    const units = [unit(1, 0, [1]), unit(1, 1, [0])];
    expect(createPrecisionStatistic(units)([1, 1]).ap50).toBeCloseTo(51 / 101, 12);
    expect(createPrecisionStatistic(units)([2, 0]).ap50).toBe(1);
    expect(meanPrecisionCurve(units, 0)[0]).toEqual([0, 1]);
    expect(meanPrecisionCurve(units, 0)[20]).toEqual([1, 0]);
  });

  it("scores 100 masks in each of 100 images in seconds", () => {
    const units = Array.from({ length: 100 }, (_, image): CategoryUnit => {
      const ious = new Float64Array(100 * 100);
      for (let i = 0; i < 100; i++) ious[100 * i + i] = 0.5 + ((i * 7 + image) % 50) / 100;
      const masks = Array.from({ length: 100 }, (_, i) => ({ areaPx: 500 + 100 * i }));
      return {
        image,
        category: 1,
        unit: {
          detections: masks.map(({ areaPx }, i) => ({ areaPx, score: ((i * 31 + image) % 97) / 97 })),
          truths: masks.map(({ areaPx }) => ({ areaPx, isCrowd: false })),
          ious,
        },
      };
    });
    const { ap50, ap } = createPrecisionStatistic(units)(new Array<number>(100).fill(1));
    expect(ap50).toBe(1);
    expect(ap).toBeGreaterThan(0.3);
  });
});

it("test rectangles have the pixels their boxes say", () => {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 2; y < 5; y++) data.fill(1, y * WIDTH + 3, y * WIDTH + 7);
  expect(rectangle([3, 2, 4, 3])).toEqual(encodeRle({ width: WIDTH, height: HEIGHT, data }));
});
