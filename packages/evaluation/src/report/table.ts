import { printable } from "@segany/masks";
import type { Interval } from "../metrics/bootstrap.js";
import type { EvaluationResult } from "./report.js";

/** A metric as people read it: three digits after the point, counts of clicks two. */
export function formatMetric(name: string, value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(name.startsWith("noc@") ? 2 : 3);
}

/** "0.512–0.634", or nothing where there is no interval. */
export function formatInterval(name: string, interval: Interval | undefined): string {
  return interval ? `${formatMetric(name, interval.low)}–${formatMetric(name, interval.high)}` : "";
}

/**
 * The table of a result as plain text: a line a data set and one for the mean, below it the 95 % intervals
 * and how many images were skipped. Names are escaped as {@link printable} does.
 *
 * @example
 * import { convert } from "@segany/dataset";
 *
 * await convert(dataset, "coco", "table-a");
 * await convert(dataset, "coco", "table-b");
 * const datasets = [{ path: "table-a" }, { path: "table-b" }];
 * const result = await evaluate("agreement", { datasets });
 * console.log(formatTable(result).includes("mean over sets")); // true
 */
export function formatTable({ report, intervals, sets }: EvaluationResult): string {
  const names = Object.keys(report.metrics);
  const values = [
    ["", ...names],
    ...sets.map(({ name, metrics }) => [
      printable(name),
      ...names.map((key) => formatMetric(key, metrics[key])),
    ]),
    ["mean over sets", ...names.map((key) => formatMetric(key, report.metrics[key]))],
  ];
  const ranges = [
    ["", ...names],
    ...sets.map((set) => [
      printable(set.name),
      ...names.map((key) => formatInterval(key, set.intervals[key])),
    ]),
    ["mean over sets", ...names.map((key) => formatInterval(key, intervals[key]))],
  ];
  const hasRanges = Object.keys(intervals).length > 0;
  const missing = sets
    .filter(({ counts }) => counts.missingImages > 0)
    .map(({ name, counts }) => `${printable(name)}: ${counts.missingImages} images without a file skipped\n`);
  return `${align(values)}${hasRanges ? `\n95 % intervals (images resampled):\n${align(ranges)}` : ""}${missing.join("")}`;
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
