import type { Precision } from "@segany/sam";
import type { SampleCounts } from "../data/samples.js";
import type { Intervals } from "../metrics/bootstrap.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Case, CommonSettings, Curve } from "../protocols/protocol.js";

/** `report.json`: what was measured, to be read by programs. */
export interface EvaluationReport {
  readonly protocol: string;
  /** null where no model took part. */
  readonly model: {
    readonly name: string;
    readonly checkpoint_sha256: string;
    readonly precision: Precision;
  } | null;
  readonly settings: Readonly<CommonSettings>;
  /** Mean over the data sets, each weighing the same. */
  readonly metrics: Metrics;
  readonly datasets: readonly { readonly name: string; readonly metrics: Metrics }[];
  /** Wall time, reading and encoding included. */
  readonly seconds: number;
}

/** What the report's pages tell of one data set beyond its metrics. */
export interface SetDetails {
  readonly name: string;
  readonly metrics: Metrics;
  readonly intervals: Intervals;
  readonly counts: SampleCounts;
  readonly curves: readonly Curve[];
  readonly worst: readonly Case[];
  readonly best: readonly Case[];
  readonly notes: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Everything about a finished evaluation. */
export interface EvaluationResult {
  readonly report: EvaluationReport;
  /** What is measured and by which rules, in sentences. */
  readonly description: string;
  /** Of the mean over data sets. */
  readonly intervals: Intervals;
  readonly sets: readonly SetDetails[];
}

/** `details.json`: intervals, counts, curves and a row for each mask or image, beside `report.json`. */
export function toDetailsJson({ description, intervals, sets }: EvaluationResult): unknown {
  return {
    description,
    intervals,
    datasets: sets.map(({ name, intervals: ofSet, counts, curves, notes, rows }) => ({
      name,
      intervals: ofSet,
      images: counts.images,
      masks: counts.masks,
      left_out: {
        crowds: counts.crowds,
        empty: counts.empty,
        stuff: counts.stuff,
        beyond_max_masks: counts.beyondMaxMasks,
        images_without_file: counts.missingImages,
      },
      ignore_regions: counts.ignoreRegions,
      notes,
      curves: curves.map(({ title, xLabel, yLabel, points }) => ({ title, x: xLabel, y: yLabel, points })),
      rows,
    })),
  };
}
