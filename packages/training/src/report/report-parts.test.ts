/** Parts of the page that need no model: curves and which objects are shown. */
import { boxToRle, imagePoint } from "@segany/masks";
import { expect, it } from "vitest";
import type { TrainingSample } from "../data/training-sample.js";
import { metricsPlots } from "./metrics-curves.js";
import { extremes, gainOf, type ObjectComparison } from "./object-cases.js";

const pointsOf = (plots: ReturnType<typeof metricsPlots>) =>
  Object.fromEntries(
    plots.flatMap(({ curves }) => curves.map(({ title, set, points }) => [`${title}: ${set}`, points])),
  );

it("draws what the metrics have, and leaves out the rest", () => {
  const plots = metricsPlots([
    { step: 0, validation_click: 0.5, validation_box: 0.75 },
    { step: 1, loss: 2, learningRate: 0.1 },
    { step: 2, loss: 1, learningRate: 0.05 },
    { step: 3, loss: Number.NaN, learningRate: 0 },
  ]);
  expect(pointsOf(plots)).toEqual({
    "Loss: loss of a step": [
      [1, 2],
      [2, 1],
    ],
    "Validation: one click": [[0, 0.5]],
    "Validation: box": [[0, 0.75]],
    "Learning rate: learning rate": [
      [1, 0.1],
      [2, 0.05],
      [3, 0],
    ],
  });
  expect(metricsPlots([])).toEqual([]);
});

it("draws the means of steps in a row where there are many", () => {
  const lines = Array.from({ length: 250 }, (_, i) => ({ step: i + 1, loss: i % 3 }));
  const points = pointsOf(metricsPlots(lines))["Loss: loss of a step"]!;
  expect(points).toHaveLength(84);
  expect(points.slice(0, 2)).toEqual([
    [3, 1],
    [6, 1],
  ]);
  expect(points.at(-1)).toEqual([250, 0]);
});

it("shows the largest gains and losses, and nothing that is unchanged", () => {
  const truth = boxToRle([0, 0, 2, 2], { width: 4, height: 4 });
  const objects = [0.1, -0.3, 0, 0.4, -0.2].map(
    (gain, id): ObjectComparison => ({
      sample: {} as TrainingSample,
      id,
      truth,
      click: imagePoint([0, 0]),
      before: { mask: truth, iou: 0.5 },
      after: { mask: truth, iou: 0.5 + gain },
    }),
  );
  const { gains, losses } = extremes(objects);
  expect(gains.map(({ id }) => id)).toEqual([3, 0]);
  expect(losses.map(({ id }) => id)).toEqual([1, 4]);
  const many = Array.from({ length: 9 }, () => objects).flat();
  expect(
    extremes(many)
      .gains.map(gainOf)
      .every((gain) => gain > 0.39),
  ).toBe(true);
  expect([extremes(many).gains.length, extremes(many).losses.length]).toEqual([6, 6]);
});
