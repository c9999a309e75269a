import { describe, expect, it } from "vitest";
import { averageRecalls, countRecalled, recallsByIou } from "./average-recall.js";

const unit = (ious: readonly number[], areas: readonly number[]) => ({
  detections: ious.map((_, i) => ({ score: 1 - i / 1000, areaPx: 100 })).slice(0, ious.length / areas.length),
  truths: areas.map((areaPx) => ({ areaPx, isCrowd: false })),
  ious: Float64Array.from(ious),
});

describe("averageRecalls", () => {
  it("averages the share of truths found over ten IoU thresholds", () => {
    // One truth, best proposal at IoU .72: found at .50 .55 .60 .65 .70, so half of the thresholds.
    const metrics = averageRecalls([countRecalled(unit([0.72], [100]))], [1]);
    expect(metrics["ar@10"]).toBeCloseTo(0.5, 12);
    expect(metrics["ar@1000:small"]).toBeCloseTo(0.5, 12);
    expect(metrics["ar@10:large"]).toBeNaN();
  });

  it("sees only the best K proposals of an image", () => {
    const ious = [...new Array<number>(10).fill(0), 1];
    const metrics = averageRecalls([countRecalled(unit(ious, [2000]))], [1]);
    expect(metrics["ar@10"]).toBe(0);
    expect(metrics["ar@100"]).toBe(1);
    expect(metrics["ar@100:medium"]).toBe(1);
  });

  it("sees the best thousand", () => {
    const ious = [...new Array<number>(150).fill(0), 1];
    const metrics = averageRecalls([countRecalled(unit(ious, [2000]))], [1]);
    expect([metrics["ar@100"], metrics["ar@1000"]]).toEqual([0, 1]);
    const later = [...new Array<number>(1000).fill(0), 1];
    expect(averageRecalls([countRecalled(unit(later, [2000]))], [1])["ar@1000"]).toBe(0);
  });

  it("weighs truths, not images, and images by their weights", () => {
    const units = [countRecalled(unit([1, 0, 0], [9, 9, 9])), countRecalled(unit([1], [9]))];
    expect(averageRecalls(units, [1, 1])["ar@10"]).toBeCloseTo(2 / 4, 12);
    expect(averageRecalls(units, [1, 3])["ar@10"]).toBeCloseTo(4 / 6, 12);
    expect(recallsByIou(units, 0)[9]).toBeCloseTo(2 / 4, 12);
  });
});
