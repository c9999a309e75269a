import type { NamedCurve } from "@segany/evaluation/report";
import type { MetricsLine } from "../metrics/metrics-file.js";

/** A plot of the page. */
export interface MetricsPlot {
  readonly curves: readonly NamedCurve[];
  /** The y axis reaches to this at least. */
  readonly top: number;
}

/** Steps are noisy and many: a curve has at most so many points, each the mean of steps in a row. */
const MOST_POINTS = 100;

/** The plots and the names of their curves, by the names of `metrics.jsonl`. */
const PLOTS: readonly {
  readonly title: string;
  readonly yLabel: string;
  readonly top: number;
  readonly curves: Readonly<Record<string, string>>;
}[] = [
  {
    title: "Loss",
    yLabel: "loss",
    top: 0,
    curves: { loss: "loss of a step", validation_loss: "validation" },
  },
  {
    title: "IoU in training",
    yLabel: "mean IoU",
    top: 1,
    curves: { firstIou: "first round of prompts", lastIou: "last round" },
  },
  {
    title: "Validation",
    yLabel: "mean IoU",
    top: 1,
    curves: {
      validation_click: "one click",
      validation_clickOracle: "best of its three masks",
      validation_box: "box",
      validation_text: "words",
    },
  },
  { title: "Learning rate", yLabel: "learning rate", top: 0, curves: { learningRate: "learning rate" } },
];

/** What a run's metrics draw; plots without a value are left out. */
export function metricsPlots(lines: readonly MetricsLine[]): MetricsPlot[] {
  return PLOTS.flatMap(({ title, yLabel, top, curves }) => {
    const drawn = Object.entries(curves).flatMap(([key, set]): NamedCurve[] => {
      const points = pointsOf(lines, key);
      return points.length === 0 ? [] : [{ title, xLabel: "steps", yLabel, set, points }];
    });
    return drawn.length === 0 ? [] : [{ curves: drawn, top }];
  });
}

function pointsOf(lines: readonly MetricsLine[], key: string): [x: number, y: number][] {
  const values = lines.flatMap((line) => {
    const value = line[key];
    return value === undefined || !Number.isFinite(value) ? [] : [[line.step, value] as const];
  });
  const size = Math.ceil(values.length / MOST_POINTS);
  const count = Math.ceil(values.length / size) || 0;
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(i * size, (i + 1) * size);
    return [part.at(-1)![0], part.reduce((sum, [, y]) => sum + y, 0) / part.length];
  });
}
