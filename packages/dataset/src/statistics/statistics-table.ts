import { printable } from "@segany/masks";
import type { DatasetStatistics } from "./collect-statistics.js";
import { type Histogram, quantileOf } from "./histogram.js";

/** Classes beyond this many are summed up in one line. */
const maxCategories = 20;
const maxNameLength = 40;

/**
 * Statistics as text of fixed width, lines without trailing spaces; names are escaped as {@link printable}
 * does.
 *
 * @example
 * const table = formatStatisticsTable(await collectStatistics(dataset));
 * console.log(table.includes("2")); // true
 */
export function formatStatisticsTable(statistics: DatasetStatistics): string {
  const sections = [
    overview(statistics),
    masksPerImage(statistics),
    distributions(statistics),
    categories(statistics),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function overview(statistics: DatasetStatistics): string {
  const { name, format, images, masks, bareBoxes, crowds, emptyMasks, ignoreRegions, meanImageSize } =
    statistics;
  const rows: [string, string][] = [
    ["images", wholeNumber(images)],
    ["masks", wholeNumber(masks - bareBoxes)],
    ...(bareBoxes > 0 ? [["boxes without masks", wholeNumber(bareBoxes)] as [string, string]] : []),
    ["mean image size", `${Math.round(meanImageSize.width)} x ${Math.round(meanImageSize.height)} pixels`],
  ];
  if (crowds > 0) rows.push(["crowds", wholeNumber(crowds)]);
  if (emptyMasks > 0) rows.push(["empty masks", wholeNumber(emptyMasks)]);
  if (ignoreRegions > 0) rows.push(["regions to ignore", wholeNumber(ignoreRegions)]);
  return [
    `${printable(name)} (${format})`,
    ...rows.map(([label, value]) => `  ${label.padEnd(20)}${value}`),
  ].join("\n");
}

function masksPerImage({ images, masksPerImage: { mean, highest, classes } }: DatasetStatistics): string {
  const lines = classes.map(({ from, to, images: count }) => {
    const label = rangeName(from, to);
    return `  ${label.padEnd(10)}${wholeNumber(count).padStart(10)}  ${percent(count, images)}`;
  });
  return [`masks per image: mean ${mean.toFixed(1)}, at most ${highest}`, ...lines].join("\n");
}

/** "none", "1–10", "over 200". */
export function rangeName(from: number, to: number | undefined): string {
  if (to === undefined) return `over ${from - 1}`;
  return from === to ? (from === 0 ? "none" : String(from)) : `${from}–${to}`;
}

function distributions(statistics: DatasetStatistics): string {
  const rows: [string, Histogram | undefined][] = [
    ["relative size", statistics.relativeSize],
    ["concavity", statistics.concavity],
    ["predicted IoU", statistics.predictedIou],
    ["stability score", statistics.stabilityScore],
  ];
  const lines = rows.flatMap(([label, histogram]) => {
    if (!histogram) return [];
    const values = [histogram.mean, ...[0.1, 0.5, 0.9].map((share) => quantileOf(histogram, share))];
    return [`  ${label.padEnd(20)}${values.map((value) => value.toFixed(3).padStart(8)).join("")}`];
  });
  return [
    `${"".padEnd(22)}${["mean", "10 %", "50 %", "90 %"].map((head) => head.padStart(8)).join("")}`,
    ...lines,
  ].join("\n");
}

function categories({ categories, masks }: DatasetStatistics): string {
  if (categories.length === 0) return "";
  const shown = categories
    .slice(0, maxCategories)
    .map((category) => ({ ...category, name: shorten(category.name) }));
  const rest = categories.slice(maxCategories);
  const width = Math.max(...shown.map(({ name }) => name.length)) + 2;
  const line = (name: string, count: number, images: string) =>
    `  ${name.padEnd(width)}${wholeNumber(count).padStart(10)}  ${percent(count, masks).padStart(6)}  ${images}`;
  const lines = shown.map(({ name, masks: count, images }) =>
    line(name, count, `in ${plural(images, "image")}`),
  );
  const restCount = rest.reduce((sum, { masks: count }) => sum + count, 0);
  if (rest.length > 0) lines.push(line(`${rest.length} more`, restCount, "").trimEnd());
  return [`masks by class: ${plural(categories.length, "class", "classes")}`, ...lines].join("\n");
}

function shorten(name: string): string {
  return Array.from(printable(name)).slice(0, maxNameLength).join("");
}

/** With commas between thousands. */
export function wholeNumber(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(part: number, all: number): string {
  return `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? one : many}`;
}
