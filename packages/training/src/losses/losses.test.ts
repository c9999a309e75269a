import { createGraphBuilder, type GraphBuilder, type Value } from "@segany/graph";
import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../../graph/src/testing/evaluate-graph.js";
import { actualIou, diceLoss, focalLoss } from "./mask-losses.js";
import { samLoss } from "./sam-loss.js";

/** The value of a loss of logits and targets, both 1 x M x cells. */
function lossesOf(
  loss: (g: GraphBuilder, logits: Value, target: Value) => Value,
  logits: readonly (readonly number[])[],
  target: readonly number[],
): number[] {
  const g = createGraphBuilder("loss", new Map());
  const shape = [1, logits.length, target.length];
  g.output("y", loss(g, g.input("x", "float32", shape), g.input("t", "float32", [1, 1, target.length])));
  const { y } = evaluateGraph(g.finish(), {
    x: { shape, data: Float64Array.from(logits.flat()) },
    t: { shape: [1, 1, target.length], data: Float64Array.from(target) },
  });
  expect(y!.shape).toEqual([1, logits.length]);
  return [...y!.data];
}

describe("losses of masks", () => {
  it("focal: a quarter of missed probability squared times entropy inside, three quarters outside", () => {
    // p = 1/2 in both cells: entropy log 2, missed 1/2.
    const [half] = lossesOf(focalLoss, [[0, 0]], [1, 0]);
    expect(half).toBeCloseTo(((0.25 + 0.75) / 2) * 0.25 * Math.log(2), 9);
    // p = 3/4: inside misses 1/4, outside 3/4.
    const logit = Math.log(3);
    const [three] = lossesOf(focalLoss, [[logit, logit]], [1, 0]);
    const inside = 0.25 * 0.25 ** 2 * -Math.log(0.75);
    const outside = 0.75 * 0.75 ** 2 * -Math.log(0.25);
    expect(three).toBeCloseTo((inside + outside) / 2, 9);
  });

  it("focal: stays finite for the largest logits", () => {
    const values = lossesOf(
      focalLoss,
      [
        [80, -80],
        [-80, 80],
      ],
      [1, 0],
    );
    expect(values[0]).toBeCloseTo(0, 9);
    expect(values[1]).toBeCloseTo((0.25 * 80 + 0.75 * 80) / 2, 4);
  });

  it("dice: one minus twice what is shared over the sum, with one added to both", () => {
    // p = 1/2 in four cells, two of them inside: shared 1, sums 2 and 2.
    expect(lossesOf(diceLoss, [[0, 0, 0, 0]], [1, 1, 0, 0])[0]).toBeCloseTo(1 - 3 / 5, 9);
    expect(lossesOf(diceLoss, [[60, 60, -60, -60]], [1, 1, 0, 0])[0]).toBeCloseTo(0, 9);
  });

  it("IoU: of what is above 0", () => {
    const ious = lossesOf(
      actualIou,
      [
        [1, 1, 0, -1],
        [-1, -1, -1, -1],
        [9, 9, 9, 9],
      ],
      [1, 0, 1, 0],
    );
    expect(ious.map((iou) => Number(iou.toFixed(5)))).toEqual([0.33333, 0, 0.5]);
    expect(lossesOf(actualIou, [[-1, -1]], [0, 0])[0]).toBeCloseTo(1, 9);
  });
});

describe("SAM's loss", () => {
  /** One cell, four masks; logits and predicted IoU of each. */
  const lossOf = (logits: readonly number[], predicted: readonly number[], single: number, three: number) => {
    const g = createGraphBuilder("sam", new Map());
    const masks = g.input("masks", "float32", ["B", 4, 1, 1]);
    const iouPredictions = g.input("iou", "float32", ["B", 4]);
    g.output("loss", samLoss(g, { masks, iouPredictions }).loss);
    const { loss } = evaluateGraph(g.finish(), {
      masks: { shape: [1, 4, 1, 1], data: Float64Array.from(logits) },
      iou: { shape: [1, 4], data: Float64Array.from(predicted) },
      targets: { shape: [1, 1, 1], data: Float64Array.of(1) },
      trains_single: { shape: [1], data: Float64Array.of(single) },
      trains_three: { shape: [1], data: Float64Array.of(three) },
    });
    return loss!.data[0]!;
  };
  /** 20·focal + dice of a logit in a cell inside. */
  const maskLoss = (logit: number) => {
    const p = 1 / (1 + Math.exp(-logit));
    return 20 * 0.25 * (1 - p) ** 2 * -Math.log(p) + 1 - (2 * p + 1) / (p + 2);
  };

  it("trains the best of three masks, and the predicted IoU of all three", () => {
    const loss = lossOf([-3, -1, 2, 1], [0.9, 0.2, 0.7, 1], 0, 1);
    const ious = ((0.2 - 0) ** 2 + (0.7 - 1) ** 2 + 0) / 3;
    expect(loss).toBeCloseTo(maskLoss(2) + ious, 4);
  });

  it("trains the single mask alone", () => {
    expect(lossOf([-3, -1, 2, 1], [0.9, 0.2, 0.7, 1], 1, 0)).toBeCloseTo(maskLoss(-3) + 0.9 ** 2, 4);
  });

  it("trains both, the predicted IoU of all four alike", () => {
    const ious = (0.9 ** 2 + 0.2 ** 2 + 0.3 ** 2) / 4;
    expect(lossOf([-3, -1, 2, 1], [0.9, 0.2, 0.7, 1], 1, 1)).toBeCloseTo(
      maskLoss(-3) + maskLoss(2) + ious,
      4,
    );
  });
});
